namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Says once in a run on the CPU that steps take several times as long as they did, and what to do about it.</summary>
/// <param name="threads">How many threads operations take.</param>
/// <param name="warn">Told so.</param>
internal sealed class SlowSteps(int threads, Action<string> warn) : ITrainingObserver
{
    private readonly StepPace _pace = new();
    private bool _said;

    public void Stepped(TrainingState state, StepResult step)
    {
        if (_said || !state.Parameters.OnCpu || _pace.Next(step.Rows, step.Duration) is not { } times)
            return;
        _said = true;
        string others = threads > 2 ? "the number of processors that are free, or 1," : "1";
        string remedy = threads > 1 ? $"its {threads} threads wait for each other then; Threads = {others} may be faster"
            : "it has one thread already; only less other work makes it faster";
        string ranks = state.Communicator.Size > 1 ? " Or another process of the run is held up: all wait for the slowest." : "";
        string slow = FormattableString.Invariant($"{times:F0} times ({step.Duration.TotalSeconds:0.##} s for {step.Rows} rows)");
        warn($"{StepPace.InARow} steps in a row and more took over {StepPace.Times} times as long as the fastest of their size, step {step.Step} {slow}. " +
            $"As a rule other work on the machine, or a container's quota, keeps the run from its processors: {remedy}.{ranks}");
    }
}
