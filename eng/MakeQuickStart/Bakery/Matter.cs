namespace MakeQuickStart.Bakery;

/// <summary>One thing to ask about (the price of the rye loaf, two pretzels for Friday): how guests ask it, and the one fact of every answer.</summary>
/// <param name="Intent">What kind of thing it is.</param>
/// <param name="FromPrompt">Whether the answer can be read off the question, so that the thing need not be learned by heart.</param>
/// <param name="Questions">Ways to ask.</param>
/// <param name="Facts">Ways to state the fact; both colleagues use the same words for it.</param>
internal sealed record Matter(Intent Intent, bool FromPrompt, string[] Questions, string[] Facts);
