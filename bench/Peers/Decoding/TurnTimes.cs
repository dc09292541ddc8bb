using System.Diagnostics;
using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>How long two decoders took in turn.</summary>
/// <param name="First">The first one's name.</param>
/// <param name="Second">The other one's.</param>
/// <param name="Tokens">Of a burst.</param>
/// <param name="Seconds">Of each turn's two bursts.</param>
internal sealed record TurnTimes(string First, string Second, int Tokens, IReadOnlyList<(double First, double Second)> Seconds)
{
    /// <summary>Has two decoders take turns.</summary>
    public static TurnTimes Of(IDecoder first, IDecoder second, int prompt, int tokens, int bursts, double seconds)
    {
        List<(double, double)> turns = [];
        long start = Stopwatch.GetTimestamp();
        for (int round = -1; round < 1 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; round++) // the first round warms up
        {
            first.Begin(prompt);
            second.Begin(prompt);
            for (int burst = 0; burst < bursts; burst++)
            {
                (double one, double other) = burst % 2 == 0 ? (first.Burst(tokens), second.Burst(tokens)) : Swap(second.Burst(tokens), first.Burst(tokens));
                if (round >= 0)
                    turns.Add((one, other));
            }
        }
        return new TurnTimes(first.Name, second.Name, tokens, turns);
    }

    /// <summary>Medians; how many times as fast the first one is turn by turn, with 10th and 90th percentile; and what a busy machine leaves.</summary>
    public override string ToString()
    {
        double[] ratios = [.. Seconds.Select(turn => turn.Second / turn.First).Order()];
        string Rates(double share)
        {
            double Rate(Func<(double First, double Second), double> side) => Tokens / At([.. Seconds.Select(side).Order()], share);
            double first = Rate(turn => turn.First), second = Rate(turn => turn.Second);
            return string.Create(CultureInfo.InvariantCulture, $"{First} {first:F0} tokens/s, {Second} {second:F0}, {first / second:F2} times");
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"{Rates(0.5)}; turn by turn {At(ratios, 0.5):F2} ({At(ratios, 0.1):F2} to {At(ratios, 0.9):F2}, {ratios.Length} turns); "
            + $"of each one's fastest tenth {Rates(0.1)}");
    }

    private static (double First, double Second) Swap(double second, double first) => (first, second);

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
}
