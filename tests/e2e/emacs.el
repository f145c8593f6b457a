;;; emacs.el --- tries runfree in Emacs with eglot  -*- lexical-binding: t -*-
;; emacs -Q --batch -l emacs.el FILE: prints findings, hover and quick fixes; needs `runfree' on PATH.
(setq package-directory-list (list "/usr/share/emacs/site-lisp/elpa"))
(package-initialize)
(require 'eglot)
(setq eglot-sync-connect 30
      eglot-autoshutdown t)
(add-to-list 'eglot-server-programs '((python-mode java-mode go-mode) . ("runfree" "serve")))
(find-file (car command-line-args-left))
(call-interactively #'eglot)
(let ((end (+ (float-time) 60)))
  (while (and (< (float-time) end) (null (flymake-diagnostics)))
    (accept-process-output nil 0.2)
    (flymake-start)))
(dolist (finding (flymake-diagnostics))
  (message "finding, line %d: %s" (line-number-at-pos (flymake-diagnostic-beg finding)) (flymake-diagnostic-text finding)))
(goto-char (point-min))
(re-search-forward "def test_")
(message "hover: %s"
         (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams)))
(when (flymake-diagnostics)
  (goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
  (message "quick fixes: %s"
           (mapcar (lambda (action) (plist-get action :title)) (eglot-code-actions (point) (1+ (point))))))
(kill-emacs (if (flymake-diagnostics) 0 1))
;;; emacs.el ends here
