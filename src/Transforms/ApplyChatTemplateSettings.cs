namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>What decides the texts of rendered conversations, as it is saved.</summary>
/// <param name="Columns">The conversations, and the columns of their texts; all of one row belong together.</param>
/// <param name="Template">The template.</param>
/// <param name="EmptyThinkRatio">The share of rows that keep empty think blocks.</param>
/// <param name="Seed">What the choice of these rows depends on, besides their contents.</param>
/// <param name="ControlTokens">What becomes of control tokens that contents spell; <see langword="null"/> in files of before there was a choice, where texts
/// are as the template writes them.</param>
/// <param name="AddedTokens">The added tokens that the template writes for, and whether each is special.</param>
internal sealed record ApplyChatTemplateSettings(
    ColumnPair[] Columns, TemplateSettings Template, double EmptyThinkRatio, int Seed, ControlTokenPolicy? ControlTokens = null, Dictionary<string,
        bool>? AddedTokens = null);
