-- The whole workspace: progress, stopped half-way, then to the end with the findings in the quickfix list.
local check = require('check')

check.wait(check.settled, 'predictions above the tests')

local percentages, stopped = {}, false
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local value = event.data.params.value
    if value.kind == 'report' and value.percentage then
      table.insert(percentages, value.percentage)
      if not stopped then
        stopped = true
        vim.cmd('RunfreeScoreWorkspace!')
      end
    end
  end,
})
vim.cmd.RunfreeScoreWorkspace()
check.wait(function()
  return vim.iter(check.messages):any(function(message)
    return message:find('cancelled after') ~= nil
  end)
end, 'the scan to be cancelled')

vim.cmd.cclose()
vim.fn.setqflist({})
vim.cmd.RunfreeScoreWorkspace()
check.wait(function()
  return vim.iter(check.messages):any(function(message)
    return message:find('^runfree: %d+ tests in %d+ files, %d+ findings') ~= nil
  end)
end, 'the scan to end')
check.wait(function()
  return #vim.fn.getqflist() > 0
end, 'the findings in the quickfix list')
check.assert(#percentages > 3, 'there was no progress')
local files = {}
for _, item in ipairs(vim.fn.getqflist()) do
  files[item.bufnr] = true
end
check.assert(vim.tbl_count(files) > 1, 'only one file has findings')
