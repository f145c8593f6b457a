-- The server is killed: the lenses stay, it comes back, and predicts again. Then a restart that the user asks for.
local check = require('check')

local function client()
  return vim.lsp.get_clients({ name = 'runfree', bufnr = 0 })[1]
end

--- Process ids of this editor's children.
local function children()
  return vim.api.nvim_get_proc_children(vim.uv.os_getpid())
end

check.wait(check.settled, 'predictions above the tests')
local first = client().id
local before = #check.lenses()
for _, pid in ipairs(children()) do
  vim.uv.kill(pid, 'sigkill')
end
check.wait(function()
  return client() and client().id ~= first
end, 'another server')
check.assert(#check.lenses() == before, 'the lenses went dark')
check.wait(check.settled, 'predictions of the other server')

local second = client().id
vim.cmd.RunfreeRestart()
check.wait(function()
  return client() and client().id ~= second
end, 'the restarted server')
check.wait(check.settled, 'predictions of the restarted server')
check.assert(#children() == 1, 'there are ' .. #children() .. ' servers')
vim.cmd.RunfreeLog()
check.assert(
  table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n'):find('the server ended %(signal 9%)'),
  'the log does not tell of the death'
)
