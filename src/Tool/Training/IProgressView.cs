namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>Shows how training goes.</summary>
internal interface IProgressView : IProgress<DpoProgress>
{
    /// <summary>Shows while work is done.</summary>
    void During(Action work);

    /// <summary>Shows what the run is going to take.</summary>
    void Tell(TrainingForecast forecast);

    /// <summary>Shows a warning, of a guard or of anything else.</summary>
    void Warn(string message);
}
