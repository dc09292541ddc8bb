using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>The assemblies that the package has: the library's own, and those of the projects within it, which lie beside.</summary>
internal static class LibraryAssemblies
{
    public static IReadOnlyList<string> Paths { get; } = Find();

    private static string[] Find()
    {
        Assembly library = typeof(PreferencePair).Assembly;
        string prefix = library.GetName().Name + ".";
        string folder = Path.GetDirectoryName(library.Location)!;
        IEnumerable<string> within = library.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal));
        return [library.Location, .. within.Select(name => Path.Combine(folder, name + ".dll"))];
    }
}
