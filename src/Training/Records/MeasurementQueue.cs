namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Measurements on their way into a file: they wait while it cannot be written, and follow in order once it can.</summary>
internal sealed class MeasurementQueue(IMeasurementFile file, Action<Exception> failed)
{
    private readonly Queue<Measurement> _waiting = new();

    /// <summary>Makes the file ready for what follows a step.</summary>
    public void CutBack(long step) => file.CutBack(step);

    /// <summary>Adds a measurement, and writes what waits if it can.</summary>
    public void Add(Measurement measurement)
    {
        _waiting.Enqueue(measurement);
        Write();
    }

    /// <summary>Writes what waits if it can.</summary>
    public void Write()
    {
        try
        {
            for (; _waiting.Count > 0; _waiting.Dequeue())
                file.Append(_waiting.Peek());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            failed(fault);
        }
    }
}
