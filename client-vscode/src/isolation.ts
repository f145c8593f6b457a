/** The environment that the server and its installer run in: nothing of the user's Python set-up leaks into it. */

/** Variables that would put other packages or start-up code into our Python. */
const LEAKS = ['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PYTHONUSERBASE', 'PYTHONINSPECT', 'PYTHONWARNINGS', '__PYVENV_LAUNCHER__'];

/** `base` as `python -I` would see it: also for console scripts, which cannot be given the option. */
export function isolated(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = { ...base };
  for (const name of LEAKS) Reflect.deleteProperty(result, name);
  return { ...result, PYTHONNOUSERSITE: '1', PYTHONSAFEPATH: '1', PYTHONUTF8: '1', PYTHONUNBUFFERED: '1' };
}
