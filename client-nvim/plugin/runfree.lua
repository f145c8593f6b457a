-- Commands and display; the server itself is started by vim.lsp.enable('runfree').

if vim.g.loaded_runfree then
  return
end
vim.g.loaded_runfree = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('runfree needs Neovim 0.11 or newer', vim.log.levels.ERROR)
  return
end

local command = vim.api.nvim_create_user_command

command('RunfreeScoreFile', function()
  require('runfree.score').file()
end, { desc = 'Score the tests of this file now' })

command('RunfreeScoreWorkspace', function(arguments)
  require('runfree.score').workspace(arguments.bang)
end, { bang = true, desc = 'Score all test files of the workspace; with ! stop doing so' })

command('RunfreeExplain', function()
  require('runfree.explain').at_cursor()
end, { desc = 'Explain the prediction of the test under the cursor' })

command('RunfreeRestart', function()
  require('runfree.client').restart()
end, { desc = 'Restart the server' })

command('RunfreeLog', function()
  require('runfree.log').open()
end, { desc = 'Show what the server has logged' })

local group = vim.api.nvim_create_augroup('runfree', {})

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'runfree' then
      require('runfree.client').attached(client, event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd('LspProgress', {
  group = group,
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'runfree' then
      require('runfree.score').progress(client, event.data.params)
    end
  end,
})

vim.api.nvim_create_autocmd('FileType', {
  group = group,
  pattern = { 'python', 'java', 'go' },
  callback = function(event)
    require('runfree.client').tell_if_missing(event.buf)
  end,
})
