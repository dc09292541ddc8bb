using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>Which folder of the library may use which other, and which foreign libraries.</summary>
internal static partial class DirectionRules
{
    public const string Root = "MiniMind.MLNet.Dpo";

    /// <summary>The folders, and what each may use besides itself.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> MayUse = new Dictionary<string, string[]>
    {
        ["CpuKernels"] = [],
        ["Distributed"] = [],
        ["Data"] = [],
        ["ChatTemplates"] = [],
        ["Tokenization"] = ["Data", "ChatTemplates"],
        ["Transforms"] = ["Tokenization", "Data", "ChatTemplates"],
        ["Modeling"] = ["CpuKernels"],
        ["Weights"] = ["Modeling", "CpuKernels", "Data"],
        ["Training"] = ["Modeling", "Weights", "CpuKernels", "Distributed", "Data"],
        ["Generation"] = ["Modeling", "CpuKernels", "Tokenization"],
        ["Judging"] = ["Training", "Data"],
        ["Reports"] = ["Training", "Data"],
        ["Estimators"] = ["Data", "Tokenization", "Transforms", "Modeling", "Weights", "CpuKernels", "Distributed", "Training", "Generation", "Judging",
            "Reports"],
    };

    /// <summary>Folders of packages of their own, which refer to the library and see its public API only.</summary>
    public static readonly IReadOnlyList<string> Beside = ["Evaluation"];

    /// <summary>The parts of training: each may use those that stand before it. What stands behind the loop watches it.</summary>
    public static readonly IReadOnlyList<string> TrainingParts =
    [
        "Losses", "Batches", "Heads", "References", "Passes", "Optimization", "Loop",
        "Checkpoints", "Validation", "Guards", "Records", "Forecast",
    ];

    private static readonly string[] s_torchFolders = ["CpuKernels", "Distributed", "Modeling", "Weights", "Training", "Generation", "Estimators"];
    private static readonly string[] s_mLNetFolders = ["Data", "Transforms", "Estimators"];

    /// <summary>Namespaces that types may have besides their folder's: the contract's types, and verbs on ML.NET's catalogs.</summary>
    private static readonly string[] s_sharedNamespaces = [Root, $"{Root}.Training", $"{Root}.Modeling.Native", "Microsoft.ML"];

    /// <summary>Namespaces that apps name, and the folders that their types have moved to.</summary>
    private static readonly Dictionary<string, string> s_namesOfOldPlaces =
        new() { ["Training.Distributed"] = "Distributed", ["Modeling.Native"] = "CpuKernels" };

    /// <summary>Checks source files, given by their path under <c>src</c>, against the rules.</summary>
    /// <returns>One sentence for each violation.</returns>
    public static IReadOnlyList<string> Violations(IReadOnlyDictionary<string, string> sources)
    {
        List<string> faults = new();
        List<(string Path, string Folder, string Code)> files = sources.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Path: pair.Key, Folder: FolderOf(pair.Key), Code: ByFolder(SourceText.CodeOnly(pair.Value))))
            .Where(file => !Beside.Contains(file.Folder)).ToList();
        Dictionary<string, HashSet<string>> sharedTypes = SharedTypes(files);
        foreach ((string path, string folder, string code) in files)
        {
            if (!MayUse.TryGetValue(folder, out string[]? allowed))
            {
                faults.Add($"{path}: the folder '{folder}' is not in the layout table.");
                continue;
            }
            faults.AddRange(NamespaceFaults(path, folder, code));
            string[] forbidden = [.. MayUse.Keys.Except([folder, .. allowed])];
            faults.AddRange(forbidden.Where(other => Names(code, other)).Select(other => $"{path}: {folder} may not use {other}."));
            faults.AddRange(sharedTypes.Where(type => !type.Value.Contains(folder) && type.Value.All(forbidden.Contains) && Mentions(code, type.Key))
                .Select(type => $"{path}: {folder} may not use {type.Key} of {string.Join(", ", type.Value)}."));
            if (!s_torchFolders.Contains(folder) && Torch().IsMatch(code))
                faults.Add($"{path}: {folder} may not use TorchSharp.");
            if (!s_mLNetFolders.Contains(folder) && MLNet().IsMatch(code))
                faults.Add($"{path}: {folder} may not use ML.NET.");
            if (folder == "Training")
                faults.AddRange(TrainingFaults(path, code));
        }
        return faults;
    }

    private static string ByFolder(string code) => s_namesOfOldPlaces.Aggregate(code, (text, place) =>
        Regex.Replace(text, $@"(?<!\bnamespace\s+)\b{Regex.Escape($"{Root}.{place.Key}")}\b", $"{Root}.{place.Value}"));

    /// <summary>
    /// Checks the library's projects, given by their paths under <c>src</c>: one in a folder refers to none of ours, and to no package that is not for it.
    /// </summary>
    /// <returns>One sentence for each violation.</returns>
    public static IReadOnlyList<string> ProjectViolations(IReadOnlyDictionary<string, string> projects)
    {
        List<string> faults = new();
        foreach ((string path, string project) in projects.OrderBy(project => project.Key, StringComparer.Ordinal))
        {
            string folder = FolderOf(path);
            if (folder.Length == 0 || Beside.Contains(folder))
                continue;
            if (!MayUse.ContainsKey(folder))
                faults.Add($"{path}: the folder '{folder}' is not in the layout table.");
            foreach (Match reference in Reference().Matches(project))
            {
                string name = reference.Groups[2].Value;
                if (reference.Groups[1].Value == "Project")
                    faults.Add($"{path}: a project within the library may not refer to {name}.");
                else if ((!s_torchFolders.Contains(folder) && Torch().IsMatch(name)) || (!s_mLNetFolders.Contains(folder) && MLNet().IsMatch(name)))
                    faults.Add($"{path}: {folder} may not use the package {name}.");
            }
        }
        return faults;
    }

    private static string FolderOf(string path) => path.Contains('/') ? path[..path.IndexOf('/')] : "";

    private static IEnumerable<string> TrainingFaults(string path, string code)
    {
        string[] steps = path.Split('/');
        int own = steps.Length > 2 ? TrainingParts.ToList().IndexOf(steps[1]) : -1;
        if (own < 0)
            return [$"{path}: it lies in none of Training's parts: {string.Join(", ", TrainingParts)}."];
        return TrainingParts.Skip(own + 1).Where(part => Regex.IsMatch(code, $@"(?<!\bnamespace\s+MiniMind\.MLNet\.Dpo\.)\bTraining\.{part}\b"))
            .Select(part => $"{path}: {steps[1]} may not use {part}, which stands behind it.");
    }

    private static IEnumerable<string> NamespaceFaults(string path, string folder, string code)
    {
        string right = $"{Root}.{(folder == "Distributed" ? "Training.Distributed" : folder)}";
        return Namespace().Matches(code).Select(match => match.Groups[1].Value)
            .Where(name => name != right && !name.StartsWith(right + ".", StringComparison.Ordinal) && !s_sharedNamespaces.Contains(name)
                && name.StartsWith(Root, StringComparison.Ordinal))
            .Select(name => $"{path}: the namespace {name} is not that of its folder, {right}.");
    }

    // Types of a folder's own namespace cannot be named without the folder's name, in a using or before the type.
    private static bool Names(string code, string folder) =>
        Regex.IsMatch(code, $@"(?<!\bnamespace\s+MiniMind\.MLNet\.)\bDpo\.{folder}\b|(?<![\w.]){folder}\.\w");

    // Types that the root namespace or Microsoft.ML shares with every folder, by name, with the folders that declare them.
    private static Dictionary<string, HashSet<string>> SharedTypes(IEnumerable<(string Path, string Folder, string Code)> files)
    {
        Dictionary<string, HashSet<string>> types = new();
        foreach ((_, string folder, string code) in files
            .Where(file => Namespace().Matches(file.Code).Any(match => s_sharedNamespaces.Contains(match.Groups[1].Value))))
        {
            foreach (Match match in Declaration().Matches(code))
            {
                if (!types.TryGetValue(match.Groups[1].Value, out HashSet<string>? folders))
                    types[match.Groups[1].Value] = folders = [];
                folders.Add(folder);
            }
        }
        return types;
    }

    private static bool Mentions(string code, string type) => Regex.IsMatch(code, $@"(?<![\w.]){type}\b");

    [GeneratedRegex(@"\bnamespace\s+([\w.]+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal)[\w\s]*?\b(?:class|struct|record|interface|enum|delegate)\s+(?:struct\s+|class\s+)?(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex("""<(Project|Package)Reference\s[^>]*?Include\s*=\s*["']([^"']+)["']""")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\bTorchSharp\b|(?<![\w.])torch\.\w")]
    private static partial Regex Torch();

    [GeneratedRegex(@"\bMicrosoft\.ML\b(?!\.Tokenizers\b)")]
    private static partial Regex MLNet();
}
