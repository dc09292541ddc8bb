using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Makes values of options of what a configuration says, and tells every fault by its place.</summary>
/// <param name="faults">Takes what is wrong.</param>
internal sealed class ValueReader(ICollection<ConfigFault> faults)
{
    /// <summary>The most faults that are listed.</summary>
    public const int MostFaults = 50;

    /// <summary>A record of options with those set that the configuration names.</summary>
    /// <param name="type">The record.</param>
    /// <param name="map">Its keys; those that belong to others are not looked at.</param>
    /// <param name="isWhole">Whether all keys are the record's, so that others are unknown.</param>
    public object Record(Type type, ConfigMap map, bool isWhole)
    {
        object record = Activator.CreateInstance(type)!;
        Dictionary<string, PropertyInfo> options = OptionKeys.Options(type).ToDictionary(property => KeyNames.Of(property.Name));
        foreach (ConfigEntry entry in map.Entries)
        {
            if (!options.TryGetValue(entry.Key, out PropertyInfo? property))
            {
                if (isWhole)
                    Unknown(entry, [.. options.Keys]);
                continue;
            }
            if (Value(property.PropertyType, entry.Value, OptionKeys.MayBeNull(property), entry.Key) is { } made)
                property.SetValue(record, made.Value);
        }
        foreach (PropertyInfo missing in options.Values.Where(OptionKeys.IsRequired).Where(property => isWhole && map[KeyNames.Of(property.Name)] is null))
            Tell(new ConfigFault(map.Place, $"'{KeyNames.Of(missing.Name)}' is missing, which cannot be left out here"));
        return record;
    }

    /// <summary>Says that there is no such key.</summary>
    public void Unknown(ConfigEntry entry, IReadOnlyCollection<string> known) => Tell(new ConfigFault(
        entry.Place, $"there is no key '{KeyNames.Short(entry.Key)}'{(faults.Count < MostFaults ? KeyNames.Hint(entry.Key, known) : "")}"));

    // a file of nothing but faults needs no list of all of them
    private void Tell(ConfigFault fault)
    {
        if (faults.Count < MostFaults)
            faults.Add(fault);
        else if (faults.Count == MostFaults)
            faults.Add(fault with { Message = "here are more faults, which are not listed" });
    }

    // nothing where it is wrong: the fault is told
    private StrongBox<object?>? Value(Type type, ConfigNode node, bool mayBeNull, string key)
    {
        if (node is ConfigScalar { IsNull: true })
        {
            if (mayBeNull)
                return new StrongBox<object?>(null);
            return Wrong(node, key, "it cannot be null; leave it out for the default");
        }
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (OptionKeys.IsGroup(type))
            return node is ConfigMap map ? new(Record(type, map, isWhole: true)) : Wrong(node, key, "it must be keys with values");
        if (Choices.Has(type))
            return Choice(type, node, key);
        if (type == typeof(LoraTargets))
            return Targets(node, key);
        if (type == typeof(IReadOnlyDictionary<string, object?>))
            return node is ConfigMap variables ? new(Variables(variables)) : Wrong(node, key, "it must be keys with values");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(type.GetGenericArguments()[0], node, key);
        if (type.IsEnum && type.IsDefined(typeof(FlagsAttribute)))
            return Flags(type, node, key);
        if (node is not ConfigScalar scalar)
            return Wrong(node, key, $"it must be {Scalars.Describe(type)}");
        return Scalars.TryRead(type, scalar, out object? value, out string expected) ? new(value) : Wrong(node, key, $"it must be {expected}");
    }

    private StrongBox<object?>? List(Type item, ConfigNode node, string key)
    {
        if (node is not ConfigList list)
            return Wrong(node, key, $"it must be a list, such as [{(item == typeof(int) ? "0, 1" : "first, second")}]");
        Array values = Array.CreateInstance(item, list.Items.Count);
        bool isRight = true;
        for (int i = 0; i < values.Length; i++)
        {
            StrongBox<object?>? value = Value(item, list.Items[i], mayBeNull: false, key);
            isRight &= value is not null;
            if (value is not null)
                values.SetValue(value.Value, i);
        }
        return isRight ? new(values) : null;
    }

    private StrongBox<object?>? Flags(Type type, ConfigNode node, string key)
    {
        ulong all = 0;
        foreach (ConfigNode item in node is ConfigList list ? list.Items : [node])
        {
            if (item is not ConfigScalar scalar || !Scalars.TryRead(type, scalar, out object? value, out string expected))
                return Wrong(item, key, $"it must be a list of {Scalars.Describe(type)}");
            all |= Convert.ToUInt64(value, CultureInfo.InvariantCulture);
        }
        return new(Enum.ToObject(type, all));
    }

    private StrongBox<object?>? Targets(ConfigNode node, string key)
    {
        if (node is ConfigList)
            return List(typeof(string), node, key) is { } names ? new(LoraTargets.Named((string[])names.Value!)) : null;
        Dictionary<string, LoraTargets> sets = Scalars.Named<LoraTargets>();
        return node is ConfigScalar scalar && sets.TryGetValue(scalar.Text, out LoraTargets? found)
            ? new(found)
            : Wrong(node, key, $"it must be {string.Join(", ", sets.Keys)}, or a list of names such as [q_proj, v_proj]");
    }

    private StrongBox<object?>? Choice(Type kind, ConfigNode node, string key)
    {
        IReadOnlyDictionary<string, MethodInfo> methods = Choices.Methods(kind);
        ConfigNode? name = node is ConfigMap map ? map[Choices.NameKey] : node;
        if (name is not ConfigScalar { IsNull: false } scalar)
            return Wrong(node, key, $"it must be a name, or a name with parameters such as {{{Choices.NameKey}: {methods.Keys.First()}}}");
        if (!methods.TryGetValue(scalar.Text, out MethodInfo? method))
            return Wrong(name, key, $"there is no such choice{KeyNames.Hint(scalar.Text, [.. methods.Keys.Order(StringComparer.Ordinal)])}");
        ParameterInfo[] parameters = method.GetParameters();
        IEnumerable<ConfigEntry> given = node is ConfigMap all ? all.Entries.Where(entry => entry.Key != Choices.NameKey) : [];
        Dictionary<string, ParameterInfo> known = parameters.ToDictionary(parameter => KeyNames.Of(parameter.Name!));
        object?[] arguments = [.. parameters.Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : Missing.Value)];
        foreach (ConfigEntry entry in given)
        {
            if (!known.TryGetValue(entry.Key, out ParameterInfo? parameter))
            {
                Tell(new ConfigFault(entry.Place, $"'{scalar.Text}' has no parameter '{KeyNames.Short(entry.Key)}'{KeyNames.Hint(entry.Key, known.Keys)}"));
                return null;
            }
            StrongBox<object?>? value = parameter.ParameterType.IsArray
                ? Mixture(entry.Value, entry.Key)
                : Value(parameter.ParameterType, entry.Value, mayBeNull: false, entry.Key);
            if (value is null)
                return null;
            arguments[parameter.Position] = value.Value;
        }
        if (parameters.FirstOrDefault(parameter => arguments[parameter.Position] == Missing.Value) is { } missing)
            return Wrong(node, key, $"'{scalar.Text}' needs the parameter '{KeyNames.Of(missing.Name!)}'");
        try
        {
            return new(method.Invoke(null, arguments));
        }
        catch (TargetInvocationException fault) when (fault.InnerException is ArgumentException inner)
        {
            return Wrong(node, key, inner.Message.ReplaceLineEndings(" ").TrimEnd('.'));
        }
    }

    // the parts of a mixture of losses: each a weight and a loss
    private StrongBox<object?>? Mixture(ConfigNode node, string key)
    {
        if (node is not ConfigList list)
            return Wrong(node, key, "it must be a list, such as [{weight: 0.8, loss: sigmoid}, {weight: 0.2, loss: negative-log-likelihood}]");
        List<(double, PreferenceLoss)> parts = [];
        foreach (ConfigNode item in list.Items)
        {
            if (item is not ConfigMap { Entries.Count: 2 } part || part["weight"] is not { } weight || part["loss"] is not { } loss)
                return Wrong(item, key, "a part has a 'weight' and a 'loss', and nothing else");
            if (Value(typeof(double), weight, mayBeNull: false, "weight") is not { } share || Choice(typeof(PreferenceLoss), loss, "loss") is not { } made)
                return null;
            parts.Add(((double)share.Value!, (PreferenceLoss)made.Value!));
        }
        return new(parts.ToArray());
    }

    private static Dictionary<string, object?> Variables(ConfigMap map) => map.Entries.ToDictionary(entry => entry.Key, entry => Scalars.Free(entry.Value));

    private StrongBox<object?>? Wrong(ConfigNode node, string key, string message)
    {
        Tell(new ConfigFault(node.Place, $"'{key}' is {node.Kind}; {message}"));
        return null;
    }
}
