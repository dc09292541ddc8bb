using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using MiniMind.MLNet.Dpo.Publicizer;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>Compares the listed internals of ML.NET with those that its assemblies have.</summary>
internal static class MLNetInternals
{
    /// <summary>What is missing, or has another signature.</summary>
    /// <param name="listed">What the library uses.</param>
    /// <param name="folder">Where ML.NET's assemblies lie.</param>
    /// <returns>One sentence for each, with the member, the assembly's version and what is there instead.</returns>
    public static IReadOnlyList<string> Faults(IEnumerable<ListedInternal> listed, string folder) =>
    [
        .. listed.GroupBy(entry => entry.Assembly).SelectMany(group =>
        {
            string path = Path.Combine(folder, group.Key + ".dll");
            if (!File.Exists(path))
                return [$"'{folder}' has no {group.Key}."];
            using PEReader file = new(File.OpenRead(path));
            MetadataReader reader = file.GetMetadataReader();
            ILookup<string, TypeDefinitionHandle> types = reader.TypeDefinitions.ToLookup(handle => CompiledTypeNames.Of(reader, handle));
            string version = $"{group.Key} {FileVersionInfo.GetVersionInfo(path).ProductVersion?.Split('+')[0]}";
            return group.Select(entry => Fault(reader, types[entry.Type].SingleOrDefault(), entry, version)).OfType<string>().ToArray();
        }),
    ];

    private static string? Fault(MetadataReader reader, TypeDefinitionHandle handle, ListedInternal entry, string version)
    {
        if (handle.IsNil)
            return $"{version} has no type {entry.Type}.";
        if (entry.Member is not { } name)
            return null;
        string[] found = [.. Signatures(reader, reader.GetTypeDefinition(handle), name)];
        return found.Contains(entry.Signature) ? null : found.Length == 0 ? $"{version} has no {entry.Type}.{name}."
            : $"{version} has no {entry.Type}.{name} {entry.Signature}, but {string.Join(" and ", found)}.";
    }

    private static IEnumerable<string> Signatures(MetadataReader reader, TypeDefinition type, string name)
    {
        foreach (FieldDefinition field in type.GetFields().Select(reader.GetFieldDefinition).Where(field => reader.GetString(field.Name) == name))
            yield return field.DecodeSignature(CompiledTypeNames.Instance, null);
        foreach (MethodDefinition method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            if (reader.GetString(method.Name) is { } own && (own == name || own == $"get_{name}" || own == $"set_{name}"))
            {
                MethodSignature<string> signature = method.DecodeSignature(CompiledTypeNames.Instance, null);
                yield return $"({string.Join(", ", signature.ParameterTypes)}){signature.ReturnType}";
            }
        }
    }
}
