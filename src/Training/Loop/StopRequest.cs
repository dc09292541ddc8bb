namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Ends a run between two steps when it is asked to, with what was trained until then.</summary>
/// <param name="request">Asks.</param>
internal sealed class StopRequest(CancellationToken request) : ITrainingObserver
{
    public void Started(TrainingState state) => Look(state);

    public void Stepped(TrainingState state, StepResult step) => Look(state);

    private void Look(TrainingState state)
    {
        if (request.IsCancellationRequested && state.Step < state.TotalSteps)
            state.StopReason ??= TrainingState.Requested;
    }
}
