-- No server: one message that says what to do, and :checkhealth agrees.
local check = require('check')

vim.cmd.edit('other_test.go')
vim.wait(500)
local about = vim.tbl_filter(function(message)
  return message:find('was not found') ~= nil
end, _G.messages)
check.assert(#about == 1, 'messages: ' .. vim.inspect(_G.messages))
check.assert(about[1]:find('/nowhere/runfree') and about[1]:find('checkhealth'), about[1])
vim.cmd.checkhealth('runfree')
local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
check.assert(text:find('is not executable'), text)
