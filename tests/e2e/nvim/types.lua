-- A test typed key by key: flagged while it fails, not any more once it is mended; no lens ever goes dark.
local check = require('check')

check.wait(check.settled, 'predictions above the tests')
local before = #check.lenses()
local first = vim.api.nvim_buf_line_count(0) + 1

local fewest = before
local timer = assert(vim.uv.new_timer())
timer:start(0, 15, vim.schedule_wrap(function()
  fewest = math.min(fewest, #check.lenses())
end))

--- Letter by letter, as a person would.
local function append(lines)
  for _, line in ipairs(lines) do
    vim.api.nvim_buf_set_lines(0, -1, -1, false, { '' })
    for index = 1, #line do
      vim.api.nvim_buf_set_lines(0, -2, -1, false, { line:sub(1, index) })
      vim.api.nvim_exec_autocmds('TextChangedI', { buffer = 0 })
      vim.wait(10)
    end
  end
end

append({ '', '', 'def test_typed_by_hand():', '    assert not_defined_anywhere(1) == 2' })
check.wait(function()
  return check.found('RF001', first)
end, 'the typed test to be flagged')
check.assert(#check.lenses() == before + 1, 'the typed test has no lens')

vim.api.nvim_buf_set_lines(0, -2, -1, false, { '    assert 1 + 1 == 2' })
vim.api.nvim_exec_autocmds('TextChanged', { buffer = 0 })
check.wait(function()
  return not check.found('RF001', first)
end, 'the mended test not to be flagged any more')
timer:stop()
check.assert(fewest >= before, ('while typing there were only %d of %d lenses'):format(fewest, before))
