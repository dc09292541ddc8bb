using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Reads YAML as data: scalars, lists and keys. What could stand for something else (tags, anchors, aliases) is refused.</summary>
internal static class YamlConfigReader
{
    /// <summary>The most bytes that a file may have.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>How deep lists and keys may lie within one another.</summary>
    public const int MaxDepth = 32;

    /// <summary>The configuration of a file.</summary>
    /// <exception cref="ConfigException">It is no YAML of this kind, too large, or has no keys.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ConfigMap ReadFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The configuration '{path}' is not there.", path);
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read);
        byte[] bytes = new byte[MaxBytes + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > MaxBytes)
            throw Fault(new ConfigPlace(path), $"it has more than {MaxBytes} bytes; a configuration has some thousand");
        using StreamReader reader = new(new MemoryStream(bytes, 0, length));
        return Read(reader.ReadToEnd(), path);
    }

    /// <summary>The configuration in a text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="source">What it is called in messages.</param>
    public static ConfigMap Read(string yaml, string source)
    {
        ConfigNode? root = Node(yaml, source);
        return root switch
        {
            null or ConfigScalar { IsNull: true } => new ConfigMap([], new ConfigPlace(source, 1, 1)),
            ConfigMap map => map,
            _ => throw Fault(root.Place, $"the configuration is {root.Kind}; it must be keys with values, such as 'beta: 0.1'"),
        };
    }

    /// <summary>A value as the command line gives it.</summary>
    /// <param name="yaml">Such as <c>{name: cosine, warmup-steps: 10}</c>.</param>
    /// <param name="option">The option that it belongs to.</param>
    public static ConfigNode Value(string yaml, string option) => OnCommandLine(Node(yaml, option) ?? ConfigScalar.Null(default), new ConfigPlace(option));

    // lines and columns of an argument tell nobody anything
    private static ConfigNode OnCommandLine(ConfigNode node, ConfigPlace place) => node switch
    {
        ConfigList list => new ConfigList([.. list.Items.Select(item => OnCommandLine(item, place))], place),
        ConfigMap map => new ConfigMap([.. map.Entries.Select(entry => new ConfigEntry(entry.Key, place, OnCommandLine(entry.Value, place)))], place),
        _ => node with { Place = place },
    };

    private static ConfigNode? Node(string yaml, string source)
    {
        if (yaml.Length > MaxBytes)
            throw Fault(new ConfigPlace(source), $"it has more than {MaxBytes} characters");
        try
        {
            Parser parser = new(new StringReader(yaml));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return null;
            parser.Consume<DocumentStart>();
            ConfigNode node = Next(parser, source, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                throw Fault(At(source, parser.Current!), "a second document begins here; a configuration is one");
            return node;
        }
        catch (YamlException fault)
        {
            throw Fault(new ConfigPlace(source, fault.Start.Line, fault.Start.Column), $"this is no YAML: {fault.Message.TrimEnd('.')}");
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or FormatException or OverflowException
            or IndexOutOfRangeException or NullReferenceException)
        {
            throw Fault(new ConfigPlace(source), "this is no YAML"); // the parser has no better word for some texts
        }
    }

    private static ConfigNode Next(Parser parser, string source, int depth)
    {
        ParsingEvent current = parser.Consume<ParsingEvent>();
        ConfigPlace place = At(source, current);
        if (depth > MaxDepth)
            throw Fault(place, $"lists and keys lie more than {MaxDepth} deep");
        if (current is AnchorAlias)
            throw Fault(place, "'*' stands for a value elsewhere; write the value here");
        if (current is NodeEvent node && !node.Anchor.IsEmpty)
            throw Fault(place, "'&' names a value for use elsewhere; write values where they belong");
        if (current is NodeEvent tagged && !tagged.Tag.IsEmpty)
            throw Fault(place, $"'{KeyNames.Short(tagged.Tag.Value)}' is a tag; a configuration has plain values only");
        switch (current)
        {
            case Scalar scalar:
                return new ConfigScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, place);
            case SequenceStart:
                List<ConfigNode> items = [];
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(Next(parser, source, depth + 1));
                return new ConfigList(items, place);
            case MappingStart:
                return Map(parser, source, depth, place);
            default:
                throw Fault(place, "a value was expected here");
        }
    }

    private static ConfigMap Map(Parser parser, string source, int depth, ConfigPlace place)
    {
        List<ConfigEntry> entries = [];
        Dictionary<string, ConfigPlace> known = [];
        List<ConfigFault> faults = [];
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            ConfigNode key = Next(parser, source, depth + 1);
            if (key is not ConfigScalar name)
                throw Fault(key.Place, $"a key is {key.Kind}; it must be a name");
            ConfigNode value = Next(parser, source, depth + 1);
            if (known.TryGetValue(name.Text, out ConfigPlace first) && faults.Count < ValueReader.MostFaults)
                faults.Add(new ConfigFault(key.Place, $"'{KeyNames.Short(name.Text)}' is there twice, first in line {first.Line}"));
            else
                known.TryAdd(name.Text, key.Place);
            entries.Add(new ConfigEntry(name.Text, key.Place, value));
        }
        return faults.Count == 0 ? new ConfigMap(entries, place) : throw new ConfigException(faults);
    }

    private static ConfigPlace At(string source, ParsingEvent at) => new(source, at.Start.Line, at.Start.Column);

    private static ConfigException Fault(ConfigPlace place, string message) => new(new ConfigFault(place, message));
}
