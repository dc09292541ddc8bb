using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>A line for each measurement, where there is no terminal.</summary>
/// <param name="console">What is written to.</param>
internal sealed class PlainProgress(ToolConsole console) : IProgressView
{
    public void During(Action work) => work();

    public void Report(DpoProgress value) => console.Line(ProgressCurves.Line(value));

    public void Tell(TrainingForecast forecast) => console.Line(ProgressCurves.Line(forecast));

    public void Warn(string message) => console.Warn(message);
}
