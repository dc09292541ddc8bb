using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>
/// Finds files that need one another: each names a type of the next, and the last one of the first. Who reads one of them must read them all.
/// </summary>
internal static partial class FileCircles
{
    /// <summary>The circles among source files, given by their paths.</summary>
    /// <returns>The paths of each circle in order, the largest circle first; the strongly connected components of more than one file.</returns>
    public static IReadOnlyList<string[]> Of(IReadOnlyDictionary<string, string> sources)
    {
        Dictionary<string, string[]> uses = Uses(sources);
        Dictionary<string, HashSet<string>> reached = uses.Keys.ToDictionary(path => path, path => Reached(path, uses));
        return
        [
            .. uses.Keys.Where(path => reached[path].Contains(path))
                .GroupBy(path => reached[path].Where(other => reached[other].Contains(path)).Min(StringComparer.Ordinal))
                .Select(circle => circle.Order(StringComparer.Ordinal).ToArray())
                .OrderByDescending(circle => circle.Length).ThenBy(circle => circle[0], StringComparer.Ordinal),
        ];
    }

    /// <summary>Which other files each file uses: those that declare a type which its code names.</summary>
    /// <remarks>A name behind a point is a member, unless a namespace stands before the point. Of types of one name those count that the file sees.</remarks>
    public static Dictionary<string, string[]> Uses(IReadOnlyDictionary<string, string> sources)
    {
        List<SourceFile> files = sources.Select(source => new SourceFile(source.Key, SourceText.CodeOnly(source.Value))).ToList();
        ILookup<string, SourceFile> declaring =
            files.SelectMany(file => file.Types.Select(type => (type, file))).ToLookup(pair => pair.type, pair => pair.file);
        HashSet<string> namespaceParts = [.. files.Select(file => file.Namespace[(file.Namespace.LastIndexOf('.') + 1)..])];
        return files.ToDictionary(file => file.Path, file => file.Names(namespaceParts)
            .SelectMany(name => Seen(file, name.Owner, declaring[name.Name])).Where(path => path != file.Path).Distinct().ToArray());
    }

    private static IEnumerable<string> Seen(SourceFile file, string owner, IEnumerable<SourceFile> declaring)
    {
        SourceFile[] all = [.. declaring];
        SourceFile[] seen = [.. all.Where(other => owner.Length > 0 ? other.IsIn(owner) : file.Sees(other.Namespace))];
        return (seen.Length > 0 ? seen : all).Select(other => other.Path);
    }

    private static HashSet<string> Reached(string from, Dictionary<string, string[]> uses)
    {
        HashSet<string> reached = [];
        Queue<string> ahead = new(uses[from]);
        while (ahead.TryDequeue(out string? path))
        {
            if (!reached.Add(path))
                continue;
            foreach (string next in uses[path])
                ahead.Enqueue(next);
        }
        return reached;
    }

    private sealed partial class SourceFile(string path, string code)
    {
        private readonly string[] _imports = [.. Import().Matches(code).Select(match => match.Groups[1].Value)];

        public string Path => path;

        public string Namespace { get; } = NamespaceDeclaration().Match(code).Groups[1].Value;

        public IEnumerable<string> Types { get; } = [.. Declaration().Matches(code).Select(match => match.Groups[1].Value).Distinct()];

        public IEnumerable<(string Owner, string Name)> Names(HashSet<string> namespaceParts) => Name().Matches(code)
            .Select(match => (Owner: match.Groups["owner"].Value, match.Groups["name"].Value)).Distinct()
            .Where(name => name.Owner.Length == 0 || namespaceParts.Contains(name.Owner));

        public bool IsIn(string owner) => $".{Namespace}".EndsWith($".{owner}", StringComparison.Ordinal);

        public bool Sees(string other) => $"{Namespace}.".StartsWith($"{other}.", StringComparison.Ordinal) || _imports.Contains(other);

        [GeneratedRegex(@"^using\s+(?:static\s+)?([\w.]+);", RegexOptions.Multiline)]
        private static partial Regex Import();

        [GeneratedRegex(@"\bnamespace\s+([\w.]+)")]
        private static partial Regex NamespaceDeclaration();

        [GeneratedRegex(
            @"^(?:public|internal|file)[\w\s]*?\b(?:class|struct|record|interface|enum|delegate)\s+(?:struct\s+|class\s+)?(\w+)", RegexOptions.Multiline)]
        private static partial Regex Declaration();

        // a name on its own or behind two points, or the name behind one point together with what stands before it
        [GeneratedRegex(@"(?:(?<=\b(?<owner>\w+)\s*\.\s*)|(?<!(?<!\.)\.\s*))\b(?<name>[A-Za-z_]\w*)")]
        private static partial Regex Name();
    }
}
