-- An example opened: lenses above its tests, a finding where one will fail, an explanation on its name, a quick fix.
local check = require('check')

check.wait(check.settled, 'predictions above the tests')
local expected = vim.env.RUNFREE_EXPECT
if expected ~= 'none' then
  check.wait(function()
    return check.found(expected, 1)
  end, 'the finding')
end

-- Lines drawn above the test: what the user sees.
local marks = vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace('runfree.lens'), 0, -1, { details = true })
check.assert(marks[1][4].virt_lines and marks[1][4].virt_lines_above, 'the lens is not above its test')

-- The explanation, by the lens's own command.
vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(0), 0 })
vim.cmd.RunfreeExplain()
local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return window
    end
  end
end
check.wait(floating, 'the explanation')
local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(floating()), 0, -1, false), '\n')
check.assert(text:find('passes') and text:find('without running anything'), 'the explanation says: ' .. text)
vim.api.nvim_win_close(floating(), true)

-- The quick fix silences the finding.
if expected == 'none' then
  return
end
local finding = check.found(expected, 1)
vim.api.nvim_win_set_cursor(0, { finding.lnum + 1, finding.col })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.title:find('^Ignore ' .. expected .. ' for this test') ~= nil
  end,
})
check.wait(function()
  return vim.fn.search('runfree: ignore\\[' .. expected .. '\\]', 'nw') > 0
end, 'the comment that the quick fix writes')
check.wait(function()
  local left = check.found(expected, finding.lnum + 1, finding.lnum + 1)
  return left == nil
end, 'the silenced finding to go')
