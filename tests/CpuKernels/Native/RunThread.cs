using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>A thread that does one thing after the other as it is told, for settings that belong to threads.</summary>
internal sealed class RunThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public RunThread()
    {
        _thread = new Thread(() =>
        {
            foreach (Action work in _work.GetConsumingEnumerable())
                work();
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs a function on the thread and gives its result.</summary>
    public T Do<T>(Func<T> function)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using ManualResetEventSlim done = new();
        _work.Add(() =>
        {
            try
            {
                result = function();
            }
            catch (Exception fault)
            {
                failure = ExceptionDispatchInfo.Capture(fault);
            }
            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }
}
