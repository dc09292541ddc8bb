using MiniMind.MLNet.Dpo.Reports;

namespace Microsoft.ML;

/// <content>Reports of runs.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Writes the report of a run: one HTML file, which needs no network and no scripts.</summary>
    /// <param name="runFolder">The folder that a trainer's <c>RunDirectory</c> wrote.</param>
    /// <param name="path">The file; <see langword="null"/> for <c>report.html</c> in the folder. A file that is there is replaced when the new one is
    /// whole.</param>
    /// <returns>Where it is.</returns>
    /// <remarks>
    /// It says what was trained on what, what a diagnosis of the data found, which tokens are trained on, the curves, held-out figures with their intervals,
    /// answers before and after, which guards spoke, and how to repeat it. What the folder does not hold is said to be missing. Texts of data and models are
    /// shown as they are spelled and never rendered.
    /// </remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It has no <c>run.json</c> that can be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public string WriteReport(string runFolder, string? path = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(runFolder);
        if (path is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
        path ??= Path.Combine(runFolder, RunReport.FileName);
        RunReport.Write(runFolder, path);
        return path;
    }
}
