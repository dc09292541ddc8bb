namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Keeps the files of a model folder inside of it: a link that an archive brought must not show another file of the machine.</summary>
/// <remarks>
/// Hugging Face's cache consists of links: <c>models--owner--name/snapshots/revision/file</c> to <c>models--owner--name/blobs/hash</c>. For a folder below such
/// <c>snapshots</c>, the repository's folder <c>models--owner--name</c> is what its links may not leave.
/// </remarks>
internal static class FolderLinks
{
    private const int MaxLinks = 40; // as Linux itself follows
    private const string SnapshotsName = "snapshots", RepositoryPrefix = "models--";

    /// <summary>Refuses a file that is a link to somewhere outside of its folder. What is no link, or not there, passes.</summary>
    /// <param name="path">The file, directly in its folder.</param>
    /// <param name="allowed">Whether links may leave the folder.</param>
    /// <exception cref="InvalidDataException">It leads outside; the message names the target and the option.</exception>
    public static void Check(string path, bool allowed)
    {
        if (allowed)
            return;
        string full = Path.GetFullPath(path);
        if (new FileInfo(full).LinkTarget is null)
            return;
        string folder = Resolve(Path.GetDirectoryName(full)!), root = RepositoryOf(folder) ?? folder, target = Resolve(full);
        if (target.StartsWith(root.EndsWith(Path.DirectorySeparatorChar) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return;
        throw new InvalidDataException(
            $"{path} is a link to '{target}', outside of '{root}'. A model folder from an archive must not show other files of this machine: copy the file " +
                "into the folder, or," +
            $" if you made the link yourself, set {nameof(ModelLoadOptions)}.{nameof(ModelLoadOptions.AllowLinksOutsideFolder)}.");
    }

    /// <summary>A path without any link in it, as far as it exists.</summary>
    /// <exception cref="InvalidDataException">Its links go round in a circle.</exception>
    internal static string Resolve(string path)
    {
        string full = Path.GetFullPath(path), current = Path.GetPathRoot(full)!;
        Stack<string> rest = new(Parts(full[current.Length..]).Reverse());
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }
            string next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }
            if (++links > MaxLinks)
                throw new InvalidDataException($"{path} is a link that goes round in a circle or over more than {MaxLinks} other links.");
            if (Path.IsPathRooted(target))
                current = Path.GetPathRoot(target)!;
            foreach (string step in Parts(target[(Path.GetPathRoot(target) ?? "").Length..]).Reverse())
                rest.Push(step);
        }
        return current;
    }

    private static string? RepositoryOf(string folder)
    {
        for (string? snapshots = folder; snapshots is not null; snapshots = Path.GetDirectoryName(snapshots))
        {
            if (Path.GetFileName(snapshots) == SnapshotsName && Path.GetDirectoryName(snapshots) is { } repository &&
                Path.GetFileName(repository).StartsWith(RepositoryPrefix, StringComparison.Ordinal))
            {
                return repository;
            }
        }
        return null;
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Where(part => part is not ("" or "."));
}
