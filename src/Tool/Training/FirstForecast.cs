namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>Tells what a run is going to take, before its first step; the time left comes with the progress.</summary>
/// <param name="view">What is told.</param>
internal sealed class FirstForecast(IProgressView view) : IProgress<TrainingForecast>
{
    private bool _isTold;

    public void Report(TrainingForecast value)
    {
        if (_isTold)
            return;
        _isTold = true;
        view.Tell(value);
    }
}
