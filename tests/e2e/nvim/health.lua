-- :checkhealth and :help of a good installation.
local check = require('check')

check.wait(check.settled, 'predictions above the tests')
vim.cmd.checkhealth('runfree')
local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
check.assert(not text:find('ERROR') and not text:find('WARNING'), text)
check.assert(text:find('running for') and text:find('ready'), text)
vim.cmd.helptags('ALL')
for _, topic in ipairs({ 'runfree', 'runfree-options', ':RunfreeScoreWorkspace' }) do
  vim.cmd.help(topic)
  check.assert(vim.fn.expand('%:t') == 'runfree.txt', 'no help on ' .. topic)
end
