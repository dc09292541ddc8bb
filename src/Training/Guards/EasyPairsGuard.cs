using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices before the first step that the reference prefers almost every chosen response by itself.</summary>
/// <param name="action">What follows.</param>
/// <param name="maxAccuracy">The largest share of pairs that the reference may get right.</param>
/// <param name="count">Counts the pairs that it gets right, a tie half, and those that were looked at.</param>
internal sealed class EasyPairsGuard(GuardAction action, double maxAccuracy, Func<(double Right, int Count)> count)
    : GuardObserver(TrainingGuard.EasyPairs, action, null), ITrainingObserver
{
    private const int LeastPairs = 20; // with fewer, the share says little

    public void Started(TrainingState state)
    {
        if (state.Step > 0 || IsDone(state))
            return;
        (double right, int pairs) = count();
        if (pairs < LeastPairs || right <= maxAccuracy * pairs)
            return;
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"before training the reference already gives the chosen side the higher log-probability in {right} of {pairs} pairs ({right / pairs:P1}, limit " +
                $"{maxAccuracy:P1}). " +
            $"Likely cause: the rejected responses are too poor or of another kind (cut short, other language, other length), so there is little to learn " +
                $"from the pairs. " +
            $"Use rejected responses that the model itself could write, or leave out the pairs that it gets right."));
    }
}
