using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>The time of processors, of all threads together, that two decoders of this process take: what a busy machine changes least.</summary>
internal static class ProcessorTimes
{
    private const int Turns = 10;

    public static string Of(IDecoder first, IDecoder second, int prompt, int tokens)
    {
        List<double> one = [], other = [];
        for (int turn = 0; turn < Turns; turn++)
        {
            one.Add(Of(first, prompt, tokens));
            other.Add(Of(second, prompt, tokens));
        }
        double[] sorted = [.. one.Order()], against = [.. other.Order()];
        return string.Create(CultureInfo.InvariantCulture,
            $"processor time of a token: {first.Name} {sorted[Turns / 2]:F0} microseconds, {second.Name} {against[Turns / 2]:F0}; "
            + $"least {sorted[0]:F0} and {against[0]:F0}");
    }

    private static double Of(IDecoder decoder, int prompt, int tokens)
    {
        decoder.Begin(prompt);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        decoder.Burst(tokens);
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / tokens;
    }
}
