using System.Diagnostics;
using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>How long two decoders take to read prompts, in turn.</summary>
internal static class PromptTimes
{
    private const int Turns = 6;

    /// <summary>The fastest turns, and how many times as fast the first decoder is.</summary>
    public static string Of(IDecoder first, IDecoder second, int prompt)
    {
        double one = double.MaxValue, other = double.MaxValue;
        for (int turn = -1; turn < Turns; turn++)
        {
            double Time(IDecoder decoder)
            {
                decoder.Begin(1);
                long start = Stopwatch.GetTimestamp();
                decoder.Begin(prompt);
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            (double now, double then) = (Time(first), Time(second));
            if (turn >= 0)
                (one, other) = (Math.Min(one, now), Math.Min(other, then));
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"a prompt of {prompt}: {first.Name} {prompt / one:F0} tokens/s, {second.Name} {prompt / other:F0}, {other / one:F2} times");
    }
}
