namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A file that grows by measurements.</summary>
internal interface IMeasurementFile
{
    /// <summary>Takes back what an earlier process wrote beyond a step, also what it left half-written.</summary>
    /// <param name="step">The step that the run goes on from; at 0 nothing is kept.</param>
    /// <exception cref="IOException">The file cannot be changed.</exception>
    void CutBack(long step);

    /// <summary>Adds a measurement and hands it to the operating system. If this throws, it can be tried again.</summary>
    /// <exception cref="IOException">It could not be written; the next call overwrites what was left half-written.</exception>
    void Append(Measurement measurement);
}
