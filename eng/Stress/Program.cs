using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Stress;
using TorchSharp;

if (args.Contains("--help"))
{
    Console.WriteLine(StressOptions.Help);
    return 0;
}
StressOptions options = StressOptions.Parse(args);
TorchNativeLibrary.EnsureLoaded();
int threads = torch.get_num_threads();
Stopwatch watch = Stopwatch.StartNew();
int faults = 0;
SortedDictionary<string, long> actions = [];
using (Workload work = new(options))
{
    string[] alone = [work.Fit(0), work.Fit(1)];
    Dictionary<string, (Func<string>, string)> companions = new()
    {
        [Companions.Predictions] = (work.Predict, work.Predict()), [Companions.Chat] = (work.Chat, work.Chat()),
    };
    Console.WriteLine($"alone: {string.Join(", ", alone)}, {watch.Elapsed.TotalSeconds:F1} s");
    for (int round = 1; round <= options.Rounds; round++)
    {
        Companions beside = new(options.Without, companions);
        string[] results = new string[2];
        Thread[] fits =
        [
            .. Enumerable.Range(0, 2).Select(i => new Thread(() =>
            {
                try
                {
                    results[i] = work.Fit(i);
                }
                catch (Exception fault)
                {
                    results[i] = Companions.Describe(fault);
                }
            })
            { IsBackground = true, Name = $"fit {i}" }),
        ];
        foreach (Thread fit in fits)
            fit.Start();
        TimeSpan limit = TimeSpan.FromSeconds(options.Limit);
        if (!fits.All(fit => fit.Join(limit)) || !beside.End(limit))
        {
            Console.WriteLine($"round {round}: no progress in {options.Limit} s, {faults} faults before; {string.Join("; ", beside.Faults)}");
            if (options.Wait)
                Thread.Sleep(Timeout.Infinite);
            return 3;
        }
        List<string> wrong = [.. beside.Faults, .. results.Where((result, i) => result != alone[i]).Select(result => $"fit: {result}")];
        int now = torch.get_num_threads(), elsewhere = ThreadsOfANewThread();
        if (now != threads || elsewhere != threads)
            wrong.Add($"libtorch has {now} threads here and {elsewhere} in a new thread, and had {threads}");
        faults += wrong.Count;
        foreach ((string name, long count) in beside.Actions)
            actions[name] = actions.GetValueOrDefault(name) + count;
        foreach (string fault in wrong)
            Console.WriteLine($"round {round}: {fault}");
        if (now != threads || elsewhere != threads)
            torch.set_num_threads(threads);
    }
    work.TakeOtherPaths();
}
long finalized = FinalizerCensus.Count();
Console.WriteLine(
    $"{options.Rounds} rounds, {faults} faults, beside {string.Join(", ", actions.Select(entry => $"{entry.Value} {entry.Key}"))}, {finalized} tensors left " +
    $"to finalizers, {watch.Elapsed.TotalSeconds:F0} s");
return faults == 0 && finalized == 0 ? 0 : 1;

static int ThreadsOfANewThread()
{
    int threads = 0;
    Thread thread = new(() => threads = torch.get_num_threads());
    thread.Start();
    thread.Join();
    return threads;
}
