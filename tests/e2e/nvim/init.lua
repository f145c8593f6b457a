-- A user's init.lua, as client-nvim/README.md has it: the plugin on the packpath, one line to enable it.
vim.opt.swapfile = false
vim.opt.termguicolors = true
vim.lsp.enable('runfree')
-- What is tested is the editor: a fixed threshold, whatever the model's own is. Pictures are taken with the model's own.
if not vim.env.RUNFREE_PICTURE then
  vim.lsp.config('runfree', { settings = { runfree = { thresholds = { RF001 = 0.5 } } } })
end
if vim.env.RUNFREE_CMD then
  vim.lsp.config('runfree', { cmd = { vim.env.RUNFREE_CMD, 'serve' } })
end
