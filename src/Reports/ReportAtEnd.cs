using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>Writes the report of a run when it ends, however it ends. It stands behind what writes the run folder.</summary>
/// <param name="folder">The run folder.</param>
/// <param name="warn">Takes the message that it could not be written.</param>
internal sealed class ReportAtEnd(string folder, Action<string> warn) : ITrainingObserver
{
    public void Ended(TrainingState state) => Write();

    public void Failed(TrainingState state, Exception fault) => Write();

    private void Write()
    {
        try
        {
            RunReport.Write(folder, Path.Combine(folder, RunReport.FileName));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            warn($"The report of '{folder}' cannot be written: {fault.Message}");
        }
    }
}
