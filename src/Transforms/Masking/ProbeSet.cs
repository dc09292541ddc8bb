namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>The conversations that templates are tried on.</summary>
internal static class ProbeSet
{
    // what rows hold: these have to come out right, or the template is refused
    private static readonly string[] s_usual = ["ua", "uaua", "sua", "suaua", "uauaua", "uAta", "suAtaua", "uBta", "uR", "uk", "ukuk"];

    // what shows more of a template, but need not be told apart in every one: an answer behind an answer, a system message in the middle
    private static readonly string[] s_unusual = ["dua", "duaua", "uaa", "uasua", "uadua", "uau", "uasa", "uada", "uA", "uAfa", "uata", "uafa", "u", "a",
        "aua", "sa", "da"];

    /// <summary>Conversations without white space around the contents.</summary>
    public static IReadOnlyList<Probe> Plain { get; } =
    [
        .. s_usual.Concat(s_unusual).SelectMany(roles => (Probe[])(roles[^1] == 'a' ? [new(roles), new(roles, AddGenerationPrompt: true)] : [new(roles)])),
        new("ua", HasTools: true), new("sua", HasTools: true), new("uaua", HasTools: true), new("suaua", HasTools: true), new("uAta", HasTools: true),
            new("uAtaua", HasTools: true),
        new("uau", HasTools: true), new("su", HasTools: true),
    ];

    /// <summary>Conversations with white space around the contents, for the proof.</summary>
    public static IReadOnlyList<Probe> Padded { get; } =
        [.. ((string[])["ua", "uaua", "suaua"]).SelectMany(
            roles => Enumerable.Range(1, ProbeMessages.Paddings - 1).Select(padding => new Probe(roles, Padding: padding)))];

    /// <summary>Whether a conversation has to come out right.</summary>
    public static bool IsUsual(Probe probe) => !probe.AddGenerationPrompt && HasUsualRoles(probe);

    /// <summary>Whether rows of files usually have these messages.</summary>
    public static bool HasUsualRoles(Probe probe) => s_usual.Contains(probe.Roles) || probe.HasTools;
}
