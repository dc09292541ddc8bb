namespace MakeQuickStart.Bakery;

/// <summary>Everything that guests of the bakery ask.</summary>
internal static class Matters
{
    /// <summary>All of them, in a fixed order.</summary>
    public static IReadOnlyList<Matter> All { get; } =
        [.. Prices(), .. Freshness(), .. Ingredients(), .. Orders(), .. Hours(), .. Deliveries(), .. Pickups()];

    /// <summary>What a question is about.</summary>
    /// <exception cref="ArgumentException">No guest asks this.</exception>
    public static Matter Of(string question) => ByQuestion.TryGetValue(question, out Matter? matter)
        ? matter
        : throw new ArgumentException($"'{question}' is not a question of the bakery's guests.", nameof(question));

    private static Dictionary<string, Matter> ByQuestion => field ??=
        (from matter in All
         from greeting in Phrases.Greetings
         from question in matter.Questions
         select (greeting + question, matter)).ToDictionary(x => x.Item1, x => x.matter, StringComparer.Ordinal);

    private static IEnumerable<Matter> Prices() => Shop.Products.Select(p => new Matter(Intent.Price, false,
        [$"How much is the {p.Name}?", $"What does one {p.Name} cost?", $"What is the price of the {p.Name}?", $"I would like one {p.Name}. How much is that?"],
        [$"The {p.Name} is {p.Price}.", $"One {p.Name} costs {p.Price}."]));

    private static IEnumerable<Matter> Freshness() => Shop.Products.Select(p => new Matter(Intent.Fresh, false,
        [$"When do the {p.Plural} come out of the oven?", $"From what time do you have {p.Plural}?", $"When are the {p.Plural} ready?",
            $"When can I get warm {p.Plural}?"],
        [$"The {p.Plural} come out of the oven at {p.Ready}.", $"You can have warm {p.Plural} from {p.Ready}."]));

    private static IEnumerable<Matter> Ingredients() =>
        from p in Shop.Products
        from ingredient in Shop.Ingredients
        let contained = p.Ingredients.Contains(ingredient)
        select new Matter(Intent.Ingredient, false,
            [$"Does the {p.Name} contain {ingredient}?", $"I cannot eat {ingredient}. Is the {p.Name} safe for me?", $"Any {ingredient} in the {p.Name}?",
                $"Is the {p.Name} made with {ingredient}?"],
            contained
                ? [$"The {p.Name} is made with {ingredient}.", $"Our baker puts {ingredient} in the {p.Name}."]
                : [$"The {p.Name} is made without {ingredient}.", $"Our baker puts no {ingredient} in the {p.Name}."]);

    private static IEnumerable<Matter> Orders() =>
        from p in Shop.Products
        from amount in Shop.Amounts
        from day in Shop.Hours.Select(hours => hours.Day)
        select new Matter(Intent.Order, true,
            [$"Please keep {amount} {p.Plural} for me for {day}.", $"Can I order {amount} {p.Plural} for {day}?", $"On {day} I need {amount} {p.Plural}.",
                $"Could you bake {amount} {p.Plural} for {day}?"],
            [$"I have noted {amount} {p.Plural} for {day}.", $"That makes {amount} {p.Plural} for {day}."]);

    private static IEnumerable<Matter> Hours() => Shop.Hours.SelectMany(h => new Matter[]
    {
        new(Intent.Hours, false,
            [$"When do you open on {h.Day}?", $"From when can I come on {h.Day}?", $"What time does the shop open on {h.Day}?",
                $"How early can I come on {h.Day}?"],
            [$"We open at {h.Opens} on {h.Day}.", $"On {h.Day} the door opens at {h.Opens}."]),
        new(Intent.Hours, false,
            [$"When do you close on {h.Day}?", $"Until when can I come on {h.Day}?", $"What time does the shop close on {h.Day}?",
                $"How late can I come on {h.Day}?"],
            [$"We close at {h.Closes} on {h.Day}.", $"On {h.Day} the door shuts at {h.Closes}."]),
    });

    private static IEnumerable<Matter> Deliveries() => Shop.Deliveries.Select(d => new Matter(Intent.Delivery, false,
        [$"Do you deliver to {d.Street}?", $"When does the bicycle come to {d.Street}?", $"I live in {d.Street}. Can you bring me bread?",
            $"On which day do you bring bread to {d.Street}?"],
        [$"We bring bread to {d.Street} every {d.Day}.", $"Our bicycle comes to {d.Street} on {d.Day}."]));

    private static IEnumerable<Matter> Pickups() =>
        from p in Shop.Products
        from guest in Shop.Guests
        select new Matter(Intent.Pickup, true,
            [$"I am {guest}. Is my {p.Name} ready?", $"My name is {guest}, I ordered one {p.Name}.", $"I have come for the {p.Name}. The name is {guest}.",
                $"Do you have one {p.Name} for {guest}?"],
            [$"The {p.Name} for {guest} is ready.", $"There is one {p.Name} with the name {guest} on it."]);
}
