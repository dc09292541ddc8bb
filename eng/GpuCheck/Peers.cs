using System.Globalization;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Bench.EndToEnd;

namespace GpuCheck;

/// <summary>Training steps and greedy decoding beside MiniMind's own program: the same weights, pairs, precision and device, one after the other.</summary>
internal static class Peers
{
    private const int Prepares = 8;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(100);

    /// <summary>Every shape, ours first.</summary>
    public static void Run(CheckOptions options, Report report)
    {
        if (options.MiniMind is null)
            report.Line("     --minimind CHECKOUT names MiniMind's sources; without them only our own figures follow");
        report.Row("| shape | pairs | program | pairs/s | memory, MiB | of a bf16 product | host | loss after |");
        report.Row("|---|---|---|---|---|---|---|---|");
        double matmul = Speed.MatmulRate(options);
        foreach ((PeerShape shape, double pace, double share) in Shapes(options))
            Train(shape, pace, share, matmul, options, report);
        Decode(options.Gpu ? Small(4, 1024) : Tiny, options, report);
    }

    /// <summary>The shapes, how many times the peer's pairs/s are aimed at, and which share of its memory: 0 and infinity for no aim.</summary>
    private static IEnumerable<(PeerShape Shape, double Pace, double Share)> Shapes(CheckOptions options)
    {
        if (!options.Gpu)
            return [(Tiny, 0, double.PositiveInfinity)];
        PeerShape large = new(1024, 24, 16, 8, 128, 3072, 151_936, 4, 1024);
        return [(Small(4, 1024), 3, 0.5), (Small(32, 1024), 3, 0.5), (large, 0, double.PositiveInfinity)];
    }

    private static PeerShape Small(int pairs, int length) => new(768, 8, 8, 4, 96, 2432, 6400, pairs, length);

    private static PeerShape Tiny => new(128, 2, 2, 1, 64, 448, 512, 2, 64);

    private static void Train(PeerShape shape, double pace, double share, double matmul, CheckOptions options, Report report)
    {
        string steps = (options.Gpu ? 3 * Prepares : 2 * Prepares).ToString(CultureInfo.InvariantCulture);
        (double Rate, double[] Losses, PeerProcess Process) ours = Steps(
            shape, Ours(options, shape, steps), "ours, prompts shared", matmul, true, options, report);
        Steps(shape, [.. Ours(options, shape, steps), "padded"], "ours, padded", matmul, false, options, report);
        if (options.MiniMind is null)
            return;
        (double Rate, double[] Losses, PeerProcess Process) theirs = Steps(shape, Theirs(options, shape, steps), "MiniMind's", matmul, false, options, report);
        if (ours.Process.Fault is not null || theirs.Process.Fault is not null)
            return;
        report.Check($"losses of {Prepares} steps against MiniMind's, {shape.Text}",
            ours.Losses.Zip(theirs.Losses).Take(Prepares).Max(pair => Math.Abs(pair.First - pair.Second)), 0.03);
        double faster = ours.Rate / theirs.Rate, memory = (double)ours.Process.PeakBytes / theirs.Process.PeakBytes;
        report.Line(string.Create(CultureInfo.InvariantCulture, $"     {faster:F2} times MiniMind's pairs/s with {memory:P0} of its memory"));
        if (pace > 0)
        {
            report.Hold(string.Create(CultureInfo.InvariantCulture, $"at least {pace} times its pairs/s, at most {share:P0} of its memory"),
                faster >= pace && memory <= share);
        }
    }

    private static (double Rate, double[] Losses, PeerProcess Process) Steps(
        PeerShape shape, IReadOnlyList<string> command, string name, double matmul, bool shared, CheckOptions options, Report report)
    {
        PeerProcess process = PeerProcess.Run(command[0], [.. command.Skip(1)], options.Gpu, s_limit);
        JsonObject[] steps = [.. process.Lines.Where(line => line.ContainsKey("step"))];
        if (process.Fault is { } fault || steps.Length <= Prepares)
        {
            report.Hold($"{name}, {shape.Text}: {process.Fault ?? "it took too few steps"}", false);
            return (0, [], process with { Fault = process.Fault ?? "too few steps" });
        }
        double[] seconds = [.. steps.Skip(Prepares).Select(line => line["seconds"]!.GetValue<double>()).Order()];
        double median = seconds[seconds.Length / 2], rate = shape.Pairs / median;
        double host = steps[^1]["host"] is null ? double.NaN : steps.Skip(Prepares).Average(line => line["host"]!.GetValue<double>()) / seconds.Average();
        Arithmetic arithmetic = new(shape.Config);
        double work = shape.Examples().Take(shape.Pairs).Sum(shared ? arithmetic.NeededPair : arithmetic.UnsharedPair)
            * Arithmetic.PassesPerStep(liveReference: true);
        double[] losses = [.. steps.Select(line => line["loss"]!.GetValue<double>())];
        string Number(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);
        report.Row($"| {shape.Hidden} x {shape.Layers}, {shape.Vocabulary} | {shape.Pairs} | {name} | {Number(rate, "F2")} | {process.PeakBytes >> 20} | " +
            $"{Number(work / median / matmul, "P0")} | {Number(host, "P0")} | {Number(losses[^1], "F4")} |");
        report.Line($"     {shape.Text}, {name}: {Number(rate, "F2")} pairs/s, {process.PeakBytes >> 20} MiB, " +
            $"{Number(work / median / matmul, "P0")} of a bf16 product's rate" +
            (double.IsNaN(host) ? "" : $"; the host gives its orders in {Number(host, "P0")} of a step's time: so much at most the device waits for it"));
        return (rate, losses, process);
    }

    private static void Decode(PeerShape shape, CheckOptions options, Report report)
    {
        string work = options.Gpu ? "decode:256" : "decode:32";
        (double Rate, int[] Ids)? ours = Tokens(Ours(options, shape, work), "ours", options, report);
        if (options.MiniMind is null || ours is null || Tokens(Theirs(options, shape, work), "MiniMind's", options, report) is not { } theirs)
            return;
        int same = ours.Value.Ids.Zip(theirs.Ids).TakeWhile(pair => pair.First == pair.Second).Count();
        report.Line($"     greedy answers agree for {same} of {theirs.Ids.Length} tokens");
        report.Hold(string.Create(CultureInfo.InvariantCulture, $"greedy decoding: {ours.Value.Rate / theirs.Rate:F2} times MiniMind's"),
            !options.Gpu || ours.Value.Rate >= theirs.Rate);
    }

    private static (double Rate, int[] Ids)? Tokens(IReadOnlyList<string> command, string name, CheckOptions options, Report report)
    {
        PeerProcess process = PeerProcess.Run(command[0], [.. command.Skip(1)], options.Gpu, s_limit);
        if (process.Fault is { } fault || process.Lines.LastOrDefault(line => line.ContainsKey("tokens")) is not { } last)
        {
            report.Hold($"decoding, {name}: {process.Fault ?? "it said nothing"}", false);
            return null;
        }
        double rate = last["tokens"]!.GetValue<int>() / last["seconds"]!.GetValue<double>();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"     greedy decoding, {name}: {rate:F1} tokens/s"));
        return (rate, [.. last["ids"]!.AsArray().Select(id => id!.GetValue<int>())]);
    }

    private static IReadOnlyList<string> Ours(CheckOptions options, PeerShape shape, string work) =>
        [Environment.ProcessPath!, .. Entry(), "--peer", options.Device.ToString(), shape.Text, work];

    // run by `dotnet GpuCheck.dll`, the process is dotnet's
    private static IEnumerable<string> Entry() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Peers).Assembly.Location] : [];

    private static IReadOnlyList<string> Theirs(CheckOptions options, PeerShape shape, string work) =>
        [options.Python, Path.Combine(AppContext.BaseDirectory, "minimind.py"), options.MiniMind!, options.Device.ToString(), shape.Text, work];
}
