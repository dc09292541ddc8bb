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
    /// <remarks>
    /// A name behind a point is a member, unless a namespace stands before the point. Of types of one name those count that the file sees. Of the files of a
    /// partial type, the one counts that declares the member named behind the type, or by a part of the type itself, and otherwise the main one.
    /// </remarks>
    public static Dictionary<string, string[]> Uses(IReadOnlyDictionary<string, string> sources)
    {
        List<SourceFile> files = sources.Select(source => new SourceFile(source.Key, SourceText.CodeOnly(source.Value))).ToList();
        ILookup<string, SourceFile> declaring =
            files.SelectMany(file => file.Types.Select(type => (type, file))).ToLookup(pair => pair.type, pair => pair.file);
        HashSet<string> namespaceParts = [.. files.Select(file => file.Namespace[(file.Namespace.LastIndexOf('.') + 1)..])];
        return files.ToDictionary(file => file.Path, file => file.Names(namespaceParts)
            .SelectMany(name => Parts(name.Name, name.Member, [.. Seen(file, name.Owner, declaring[name.Name])])).Concat(Siblings(file, declaring))
            .Where(path => path != file.Path).Distinct().ToArray());
    }

    private static SourceFile[] Seen(SourceFile file, string owner, IEnumerable<SourceFile> declaring)
    {
        SourceFile[] all = [.. declaring];
        SourceFile[] seen = [.. all.Where(other => owner.Length > 0 ? other.IsIn(owner) : file.Sees(other.Namespace))];
        return seen.Length > 0 ? seen : all;
    }

    private static IEnumerable<string> Parts(string type, string member, SourceFile[] files)
    {
        foreach (IGrouping<string, SourceFile> parts in files.GroupBy(file => file.Namespace))
        {
            SourceFile[] chosen = [.. parts.Where(part => part.Partial == type && part.Members.Contains(member))];
            if (chosen.Length > 0 || parts.Count() == 1 || parts.Any(part => part.Partial != type))
                chosen = chosen.Length > 0 ? chosen : [.. parts];
            else
                chosen = [parts.MinBy(part => part.Path.Length)!]; // X.cs, before X.Reading.cs
            foreach (SourceFile part in chosen)
                yield return part.Path;
        }
    }

    // what a part of a type names of another part needs no type before it
    private static IEnumerable<string> Siblings(SourceFile file, ILookup<string, SourceFile> declaring) => file.Partial.Length == 0 ? []
        : declaring[file.Partial].Where(part => part != file && part.Partial == file.Partial && part.Namespace == file.Namespace)
            .Where(part => part.Members.Except(file.Members).Any(file.Unqualified.Contains))
            .Select(part => part.Path);

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

        /// <summary>The partial type that the file is a part of, if it is of any.</summary>
        public string Partial { get; } = PartialDeclaration().Match(code).Groups[1].Value;

        /// <summary>Members and nested types of the file's types.</summary>
        public HashSet<string> Members { get; } = [.. MemberDeclaration().Matches(code).Select(match => match.Groups[1].Value)];

        /// <summary>Names that stand behind no point.</summary>
        public HashSet<string> Unqualified { get; } =
            [.. Name().Matches(code).Where(match => !match.Groups["owner"].Success).Select(match => match.Groups["name"].Value)];

        public IEnumerable<string> Types { get; } = [.. Declaration().Matches(code).Select(match => match.Groups[1].Value).Distinct()];

        public IEnumerable<(string Owner, string Name, string Member)> Names(HashSet<string> namespaceParts) => Name().Matches(code)
            .Select(match => (Owner: match.Groups["owner"].Value, match.Groups["name"].Value, match.Groups["member"].Value)).Distinct()
            .Where(name => name.Owner.Length == 0 || namespaceParts.Contains(name.Owner));

        public bool IsIn(string owner) => $".{Namespace}".EndsWith($".{owner}", StringComparison.Ordinal);

        public bool Sees(string other) => $"{Namespace}.".StartsWith($"{other}.", StringComparison.Ordinal) || _imports.Contains(other);

        [GeneratedRegex(@"^using\s+(?:static\s+)?([\w.]+);", RegexOptions.Multiline)]
        private static partial Regex Import();

        [GeneratedRegex(@"\bnamespace\s+([\w.]+)")]
        private static partial Regex NamespaceDeclaration();

        [GeneratedRegex(
            @"^(?:public|internal|file)[\w\s]*?\b(?:(?:class|struct|record|interface|enum)\s+(?:struct\s+|class\s+)?|delegate\s+[^\n(]+?\s\**)(\w+)",
            RegexOptions.Multiline)]
        private static partial Regex Declaration();

        [GeneratedRegex(
            @"^(?:public|internal)[\w\s]*?\bpartial\s+(?:class|struct|record|interface)\s+(?:struct\s+|class\s+)?(\w+)", RegexOptions.Multiline)]
        private static partial Regex PartialDeclaration();

        // the name before parameters, a body, a value or the end of a declaration that is indented once
        [GeneratedRegex(@"^    (?:public|internal|private|protected)\b[^=;{(\n]*?\b(\w+)(?:<[^>()\n]*>)?\s*(?:[({=;:]|$)", RegexOptions.Multiline)]
        private static partial Regex MemberDeclaration();

        // a name on its own or behind two points, or the name behind one point together with what stands before it; and the member named behind it
        [GeneratedRegex(@"(?:(?<=\b(?<owner>\w+)\s*\.\s*)|(?<!(?<!\.)\.\s*))\b(?<name>[A-Za-z_]\w*)(?=(?:\s*\.\s*(?<member>\w+))?)")]
        private static partial Regex Name();
    }
}
