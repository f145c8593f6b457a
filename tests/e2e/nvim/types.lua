-- A test typed key by key: flagged while it fails, not any more once it is mended; no lens ever goes dark.
-- RUNFREE_TYPED: JSON with its `lines`, the index of the `failing` one, that line `mended`, the `reason` that its finding
-- names, and where it is typed `at`.
local check = require('check')
local typed = vim.json.decode(vim.env.RUNFREE_TYPED)

check.wait(check.settled, 'predictions above the tests')
local before = #check.lenses()
local first = typed.at

local fewest = before
local timer = assert(vim.uv.new_timer())
timer:start(0, 15, vim.schedule_wrap(function()
  fewest = math.min(fewest, #check.lenses())
end))

--- Letter by letter, as a person would.
local function append(lines)
  for number, line in ipairs(lines) do
    local row = first + number - 2
    vim.api.nvim_buf_set_lines(0, row, row, false, { '' })
    for index = 1, #line do
      vim.api.nvim_buf_set_lines(0, row, row + 1, false, { line:sub(1, index) })
      vim.api.nvim_exec_autocmds('TextChangedI', { buffer = 0 })
      vim.wait(10)
    end
  end
end

append(typed.lines)
check.wait(function()
  -- With its reason: half typed, it cannot be parsed, which is a finding too.
  local finding = check.found('RF001', first)
  return finding and finding.message:find(typed.reason, 1, true)
end, 'the typed test to be flagged')
check.assert(#check.lenses() == before + 1, 'the typed test has no lens')

local row = first + typed.failing - 1
vim.api.nvim_buf_set_lines(0, row, row + 1, false, { typed.mended })
vim.api.nvim_exec_autocmds('TextChanged', { buffer = 0 })
check.wait(function()
  return not check.found('RF001', first)
end, 'the mended test not to be flagged any more')
timer:stop()
check.assert(fewest >= before, ('while typing there were only %d of %d lenses'):format(fewest, before))
