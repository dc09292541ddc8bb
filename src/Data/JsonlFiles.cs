namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Finds the files that a caller names, by path or by pattern.</summary>
internal static class JsonlFiles
{
    /// <summary>Resolves paths, and patterns (<c>*</c> and <c>?</c> in the file name) in the ordinal order of the names they match.</summary>
    /// <exception cref="FileNotFoundException">A path names no file, or a pattern matches none.</exception>
    /// <exception cref="InvalidDataException">A path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="ArgumentException">No path is given, one is empty, or two name the same file.</exception>
    public static IReadOnlyList<JsonlSource> Resolve(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths.SelectMany(Expand)];
        if (files.Length == 0)
            throw new ArgumentException("The list of files is empty; name at least one.", nameof(paths));
        if (files.GroupBy(Path.GetFullPath).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.First()} is named {twice.Count()} times; its rows would be read as often.", nameof(paths));
        foreach (string file in files)
            RegularFile.Check(file);
        return [.. files.Select(JsonlSource.File)];
    }

    private static IEnumerable<string> Expand(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (File.Exists(path))
            return [path];
        if (Directory.Exists(path))
            throw new FileNotFoundException($"{path} is a folder; name a file in it, or a pattern such as {Path.Combine(path, "*.jsonl")}.", path);
        string name = Path.GetFileName(path);
        if (!name.AsSpan().ContainsAny('*', '?'))
            throw new FileNotFoundException($"{path}: there is no such file (looked for {Path.GetFullPath(path)}).", path);
        string folder = Path.GetDirectoryName(path) ?? "";
        string[] matches = Directory.Exists(folder.Length == 0 ? "." : folder)
            ? [.. Directory.EnumerateFiles(folder.Length == 0 ? "." : folder, name).Select(file => Path.Combine(folder, Path.GetFileName(file)))
                .Order(StringComparer.Ordinal)]
            : [];
        return matches.Length > 0 ? matches : throw new FileNotFoundException(
            $"{path}: no file matches (looked in {Path.GetFullPath(folder.Length == 0 ? "." : folder)}).", path);
    }
}
