using MiniMind.MLNet.Dpo.Publicizer;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: Publicizer LIST OUTPUT-FOLDER ASSEMBLY...");
    return 2;
}

try
{
    IReadOnlyList<ListedInternal> listed = ListedInternal.ReadAll(args[0]);
    Dictionary<string, string> assemblies = args[2..].ToDictionary(path => Path.GetFileNameWithoutExtension(path));
    List<string> faults = new();
    List<PublicizedCopy> copies = new();
    foreach (IGrouping<string, ListedInternal> group in listed.GroupBy(l => l.Assembly))
    {
        if (!assemblies.TryGetValue(group.Key, out string? path))
        {
            faults.AddRange(group.Select(l => l.Fault("the build references no assembly of this name")));
            continue;
        }
        PublicizedCopy copy = new(path);
        faults.AddRange(group.Where(l => !copy.TryPublicize(l.Type, l.Member)).Select(l => l.Fault($"'{path}' has none of this name")));
        copies.Add(copy);
    }

    foreach (string fault in faults)
        Console.Error.WriteLine(fault);
    if (faults.Count > 0)
        return 1;
    foreach (PublicizedCopy copy in copies)
        copy.Save(args[1]);
    return 0;
}
catch (Exception failure) when (failure is FormatException or IOException or BadImageFormatException)
{
    Console.Error.WriteLine($"{args[0]}: error PUB002: {failure.Message}");
    return 1;
}
