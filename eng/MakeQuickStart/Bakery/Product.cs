namespace MakeQuickStart.Bakery;

/// <summary>Something on the shelf, and all that the assistant must know by heart about it.</summary>
internal sealed record Product(string Name, string Plural, string Price, string Ready, string[] Ingredients);
