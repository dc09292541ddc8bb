using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Something that may go wrong, and what follows when it does. It speaks up once in a run.</summary>
/// <param name="kind">Which guard it is.</param>
/// <param name="action">What follows.</param>
/// <param name="rollBack">Where <see cref="GuardAction.RollBack"/> goes back to.</param>
internal abstract class GuardObserver(TrainingGuard kind, GuardAction action, RollBackPoint? rollBack)
{
    /// <summary>What follows.</summary>
    protected GuardAction Action => action;

    /// <summary>Where <see cref="GuardAction.RollBack"/> goes back to.</summary>
    protected RollBackPoint? RollBack => rollBack;

    /// <summary>Whether there is no more to look for.</summary>
    protected bool IsDone(TrainingState state) => state.Warnings.Any(warning => warning.Guard == kind);

    /// <summary>Notes the finding and acts.</summary>
    protected void Raise(TrainingState state, string message)
    {
        state.Warnings.Add(new TrainingWarning(state.Step, kind, action, message));
        if (action == GuardAction.RollBack)
            rollBack?.Restore(state);
        if (action is GuardAction.Stop or GuardAction.RollBack && state.Step < state.TotalSteps)
        {
            state.StopReason ??= action == GuardAction.RollBack ? $"{kind} guard, back to the weights of step {state.Step}: {message}"
                : $"{kind} guard: {message}";
        }
    }
}
