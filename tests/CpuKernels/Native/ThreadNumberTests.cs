using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Changes the process's number of threads, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ThreadNumberTests), DisableParallelization = true)]
[Collection(nameof(ThreadNumberTests))]
public sealed unsafe class ThreadNumberTests : IDisposable
{
    private readonly RunThread _first = new(), _second = new();
    private readonly int _before = get_num_threads();

    public static TheoryData<string, string> Interleavings => new()
    {
        { "A+ A-", "caller" }, { "A+ B+ A- B-", "caller" }, { "A+ B+ B- A-", "caller" }, { "A+ A- B+ B-", "caller" }, { "A+ B+ A- A+ B- A-", "caller" },
        { "A+ A-", "shared" }, { "A+ B+ A- B-", "shared" }, { "A+ B+ B- A-", "shared" }, { "A+ A- B+ B-", "shared" }, { "A+ B+ A- A+ B- A-", "shared" },
    };

    [SkippableTheory]
    [MemberData(nameof(Interleavings))]
    public void Numbers_RunsThatBeginAndEndInAnyOrder_AreAsBeforeInTheEnd(string order, string kind)
    {
        Skip.If(kind == "caller" && !CallerThreads.Available, "this libtorch has no numbers of threads");
        Dictionary<char, RunThread> threads = new() { ['A'] = _first, ['B'] = _second };
        Dictionary<char, int> wanted = new() { ['A'] = 3, ['B'] = 2 };
        Dictionary<char, IDisposable> running = [];
        foreach (string step in order.Split(' '))
        {
            char run = step[0];
            if (step[1] == '+')
                running[run] = threads[run].Do<IDisposable>(() => kind == "caller" ? new CallerThreads(wanted[run]) : new SharedThreads(wanted[run]));
            else
                threads[run].Do(() => Ended(running[run]));
            if (step[1] == '-')
                running.Remove(run);
            foreach (char other in running.Keys)
                threads[other].Do(get_num_threads).Should().Be(wanted[other], "{0} runs, after '{1}' of '{2}'", other, step, order);
        }

        _first.Do(Numbers).Should().Be((_before, _before));
        _second.Do(Numbers).Should().Be((_before, _before));
        Fresh(Numbers).Should().Be((_before, _before), "a thread that uses libtorch for the first time takes the process's number");
    }

    [SkippableFact]
    public void CallerThreads_WhileItLasts_ChangesNoOtherThreadAndNotTheProcess()
    {
        Skip.IfNot(CallerThreads.Available, "this libtorch has no numbers of threads");
        _second.Do(Numbers).Should().Be((_before, _before));

        IDisposable scope = _first.Do<IDisposable>(() => new CallerThreads(3));

        _first.Do(Numbers).Should().Be((3, 3), "operations of libtorch and matrix products of MKL run on as many");
        _second.Do(Numbers).Should().Be((_before, _before));
        Fresh(Numbers).Should().Be((_before, _before));
        _first.Do(() => Ended(scope));
    }

    [SkippableFact]
    public void CallerThreads_AThreadWithANumberOfItsOwn_GetsItBack()
    {
        Skip.IfNot(CallerThreads.Available, "this libtorch has no numbers of threads");

        _first.Do(() =>
        {
            using CallerThreads outer = new(2);
            using (new CallerThreads(4))
                Numbers().Should().Be((4, 4));
            return Numbers();
        }).Should().Be((2, 2));
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        set_num_threads(_before);
    }

    private static bool Ended(IDisposable scope)
    {
        scope.Dispose();
        return true;
    }

    /// <summary>What libtorch's own operations and MKL's would take on this thread.</summary>
    private static (int Torch, int Mkl) Numbers()
    {
        int threads = get_num_threads();
        return (threads, TorchLibrary.TryGetExport("MKL_Get_Max_Threads", out nint mkl) ? ((delegate* unmanaged[Cdecl]<int>)mkl)() : threads);
    }

    private static T Fresh<T>(Func<T> function)
    {
        using RunThread thread = new();
        return thread.Do(function);
    }
}
