using MiniMind.MLNet.Dpo.Tool.Configuration;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>The value of a key as the command line gives it.</summary>
internal static class CommandLineValue
{
    /// <summary>What the words behind an option say.</summary>
    /// <param name="key">The key of the option.</param>
    /// <param name="words">The words; none for a switch that stands alone.</param>
    /// <exception cref="ConfigException">There are too many or too few, or one is no value of this kind.</exception>
    public static ConfigNode Of(OptionKey key, IReadOnlyList<string> words)
    {
        string option = "--" + key.Name;
        ConfigPlace place = new(option);
        if (IsList(key) && !(words.Count == 1 && words[0].StartsWith('[') && ItemType(key) != typeof(string)))
            return new ConfigList([.. words.Select(word => new ConfigScalar(word, true, place))], place);
        if (words.Count == 0 && key.Type == typeof(bool))
            return new ConfigScalar("true", true, place);
        if (words.Count != 1)
        {
            string fault = words.Count == 0 ? "a value is missing" : $"it is given {words.Count} times, and takes one value";
            throw new ConfigException(new ConfigFault(place, fault));
        }

        bool isWord = !IsList(key) && !Choices.Has(key.Type) && key.Type != typeof(LoraTargets) && key.Type != typeof(IReadOnlyDictionary<string, object?>);
        return isWord ? new ConfigScalar(words[0], true, place) : YamlConfigReader.Value(words[0], option);
    }

    /// <summary>The type of a value, or of a list's items.</summary>
    public static Type ItemType(OptionKey key) =>
        key.Type.IsGenericType && key.Type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? key.Type.GetGenericArguments()[0] : key.Type;

    /// <summary>What stands for a value in the help.</summary>
    public static string HelpName(OptionKey key) => true switch
    {
        _ when ItemType(key) == typeof(int) || ItemType(key) == typeof(long) => "N",
        _ when key.Type == typeof(double) => "X",
        _ when key.Type == typeof(bool) => "true|false",
        _ when key.Type.IsEnum && !IsList(key) => string.Join('|', Scalars.Names(key.Type)!),
        _ when Choices.Has(key.Type) => "NAME",
        _ => "VALUE",
    };

    private static bool IsList(OptionKey key) => ItemType(key) != key.Type || key.Type.IsEnum && key.Type.IsDefined(typeof(FlagsAttribute), false);
}
