using QuickStart;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class HeldOutComparisonTests
{
    // After training: log-probs -10 and -12, then -9 and -8. Rewards are beta times the change, so with beta 0.5 the first pair
    // was -13 and -11 before (changes +3 and -1), the second -9 and -10 (changes 0 and +2).
    private static readonly PreferenceScore[] s_rows =
    [
        new() { ChosenLogProb = -10, RejectedLogProb = -12, ChosenReward = 1.5f, RejectedReward = -0.5f },
        new() { ChosenLogProb = -9, RejectedLogProb = -8, ChosenReward = 0, RejectedReward = 1 },
    ];

    [Fact]
    public void After_Rows_ComparesThePolicysLogProbs() => HeldOutComparison.After(s_rows).Should().Be(new HeldOutComparison(0.5, 0.5));

    [Fact]
    public void Before_Rows_TakesTheTrainingAway() => HeldOutComparison.Before(s_rows, beta: 0.5).Should().Be(new HeldOutComparison(0.5, -0.5));
}
