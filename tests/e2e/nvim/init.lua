-- A user's init.lua, as client-nvim/README.md has it: the plugin on the packpath, one line to enable it.
vim.opt.swapfile = false
vim.opt.termguicolors = true
vim.lsp.enable('runfree')
-- What is tested is the editor: a fixed threshold, whatever the model's own is.
vim.lsp.config('runfree', { settings = { runfree = { thresholds = { RF001 = 0.3 } } } })
if vim.env.RUNFREE_CMD then
  vim.lsp.config('runfree', { cmd = { vim.env.RUNFREE_CMD, 'serve' } })
end
