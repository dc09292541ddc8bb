using System.Globalization;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>The folder of a run's checkpoints: which there are, and which go.</summary>
internal sealed partial class CheckpointFolder(string path)
{
    private const string UnfinishedPrefix = ".unfinished-", DamagedSuffix = ".damaged", LockName = ".lock";

    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The checkpoints that were finished, newest first.</summary>
    public IReadOnlyList<(long Step, string Path)> Newest =>
    [
        .. (Directory.Exists(Path) ? Directory.EnumerateDirectories(Path) : []).Select(found => (Match: Name().Match(System.IO.Path.GetFileName(found)), found))
            .Where(entry => entry.Match.Success).Select(entry => (Step: long.Parse(entry.Match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), entry.found))
            .OrderByDescending(entry => entry.Step),
    ];

    /// <summary>Where the checkpoint of a step lies.</summary>
    public string Of(long step) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}"));

    /// <summary>Where the checkpoint of a step lies until it is finished.</summary>
    public string UnfinishedOf(long step) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{UnfinishedPrefix}{step:D8}"));

    /// <summary>Makes the folder and keeps other processes from writing there, until the result is disposed or the process ends.</summary>
    /// <exception cref="IOException">Another run writes there, or the folder cannot be written to.</exception>
    public IDisposable Lock()
    {
        Directory.CreateDirectory(Path);
        string file = System.IO.Path.Combine(Path, LockName);
        try
        {
            // opening a pipe to write would wait for a reader
            if (RegularFile.KindOf(file) is { } kind)
                throw new IOException($"'{file}' is {kind}, not a regular file");
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new IOException(
                $"The checkpoints' folder '{Path}' cannot be locked ({failure.Message}). Does another run write there? Give each run a folder of its own.",
                failure);
        }
    }

    /// <summary>Removes what killed runs left half-written, and sets aside finished checkpoints beyond a step: they were found damaged.</summary>
    public void Clean(long step)
    {
        foreach (string unfinished in Directory.EnumerateDirectories(Path, UnfinishedPrefix + "*"))
            Directory.Delete(unfinished, recursive: true);
        foreach ((_, string damaged) in Newest.Where(found => found.Step > step))
        {
            if (Directory.Exists(damaged + DamagedSuffix))
                Directory.Delete(damaged + DamagedSuffix, recursive: true);
            Directory.Move(damaged, damaged + DamagedSuffix);
        }
    }

    /// <summary>Removes all but the newest ones.</summary>
    public void Prune(int keep)
    {
        foreach ((long step, string old) in Newest.Skip(keep))
        {
            // under an unfinished one's name first: a kill in the middle of the deletion must not leave half a checkpoint that looks whole
            string leaving = UnfinishedOf(step);
            Directory.Move(old, leaving);
            Directory.Delete(leaving, recursive: true);
        }
    }

    [GeneratedRegex(@"\Astep-([0-9]{8,18})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
