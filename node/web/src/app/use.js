// use.js: facts from the API in a component: {data, error, isLoading, reload}.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export function useFacts(load, depends = [], { every = 0 } = {}) {
  const [state, set] = useState({ data: null, error: null, isLoading: true })
  const turn = useRef(0)
  const run = useCallback(async () => {
    const mine = ++turn.current
    set((old) => ({ ...old, isLoading: true }))
    try {
      const data = await load()
      if (mine === turn.current) set({ data, error: null, isLoading: false })
    } catch (error) {
      if (mine === turn.current) set((old) => ({ data: old.data, error, isLoading: false }))
    }
  }, depends)
  useEffect(() => {
    run()
    return () => { turn.current++ }
  }, [run])
  useEffect(() => {
    if (!every) return undefined
    // A page that nobody looks at asks nothing: the link may be paid by the megabyte.
    const timer = setInterval(() => document.hidden || run(), every)
    return () => clearInterval(timer)
  }, [run, every])
  return { ...state, reload: run }
}

// A form's action: {run, isBusy, error, done}.
export function useAction(action) {
  const [state, set] = useState({ isBusy: false, error: null, done: null })
  const run = async (...args) => {
    set({ isBusy: true, error: null, done: null })
    try {
      const done = await action(...args)
      set({ isBusy: false, error: null, done: done ?? true })
      return done
    } catch (error) {
      set({ isBusy: false, error, done: null })
      return undefined
    }
  }
  return { ...state, run, clear: () => set({ isBusy: false, error: null, done: null }) }
}
