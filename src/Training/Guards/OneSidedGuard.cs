using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices before the first step that feedback has no good or no bad answers, or many more of one than of the other.</summary>
/// <param name="action">What follows.</param>
/// <param name="good">How many answers are good ones.</param>
/// <param name="bad">How many are bad ones.</param>
/// <param name="objective">The loss with its weights.</param>
internal sealed class OneSidedGuard(GuardAction action, int good, int bad, FeedbackObjective objective)
    : GuardObserver(TrainingGuard.OneSidedFeedback, action, null), ITrainingObserver
{
    private const double Most = 8.0 / 3, Least = 0.5; // twice as far as the range in which KTO was published, 1 to 4/3

    public void Started(TrainingState state)
    {
        if (state.Step > 0 || IsDone(state))
            return;
        if (good == 0 || bad == 0)
        {
            Raise(state,
                $"all {good + bad} answers are {(bad == 0 ? "good" : "bad")} ones. What sets good answers apart from bad ones cannot be " +
                $"learnt from them: every answer becomes {(bad == 0 ? "more" : "less")} likely, the model's own style of before included. " +
                $"Add {(bad == 0 ? "bad" : "good")} answers (answers that people abandoned, or had rewritten, are some), or " +
                (bad == 0 ? "fine-tune on these with SftTrainer, which is meant for good answers alone." : "do not train on these."));
            return;
        }
        double ratio = objective.DesirableWeight * good / (objective.UndesirableWeight * bad);
        if (ratio is >= Least and <= Most)
            return;
        bool raiseGood = ratio < 1;
        double weight = raiseGood ? objective.UndesirableWeight * bad / good : objective.DesirableWeight * good / (bad * 4.0 / 3);
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"{good} answers are good ones and {bad} bad ones; with their weights that is {ratio:G3} to 1, and KTO was published with 1 to 1 up to 4 to 3. " +
            $"Set {(raiseGood ? "DesirableWeight" : "UndesirableWeight")} = {weight:G3}, or balance the data."));
    }
}
