namespace MakeQuickStart.Bakery;

/// <summary>The facts of the bakery that the small model learns.</summary>
internal static class Shop
{
    /// <summary>What a guest may want to know of any product.</summary>
    public static IReadOnlyList<string> Ingredients { get; } = ["nuts", "eggs", "milk", "sesame", "honey", "raisins"];

    /// <summary>What is sold.</summary>
    public static IReadOnlyList<Product> Products { get; } =
    [
        new("rye loaf", "rye loaves", "4 euros 20", "six", ["honey"]),
        new("walnut loaf", "walnut loaves", "5 euros 10", "half past six", ["nuts"]),
        new("spelt loaf", "spelt loaves", "4 euros 80", "seven", ["sesame"]),
        new("olive loaf", "olive loaves", "5 euros 40", "half past seven", []),
        new("sourdough loaf", "sourdough loaves", "4 euros 60", "six", []),
        new("country loaf", "country loaves", "3 euros 90", "half past six", ["milk"]),
        new("baguette", "baguettes", "2 euros 10", "seven", []),
        new("pretzel", "pretzels", "1 euro 20", "half past six", ["milk"]),
        new("seed roll", "seed rolls", "90 cents", "six", ["sesame", "nuts"]),
        new("milk roll", "milk rolls", "80 cents", "seven", ["milk", "eggs"]),
        new("potato roll", "potato rolls", "1 euro 10", "half past seven", ["eggs"]),
        new("croissant", "croissants", "1 euro 70", "half past six", ["milk"]),
        new("almond horn", "almond horns", "2 euros 40", "eight", ["nuts", "eggs"]),
        new("cinnamon bun", "cinnamon buns", "2 euros 30", "half past eight", ["milk", "raisins"]),
        new("poppy bun", "poppy buns", "2 euros 20", "eight", ["milk", "honey"]),
        new("brioche", "brioches", "3 euros 30", "half past eight", ["milk", "eggs"]),
        new("cheese twist", "cheese twists", "1 euro 90", "half past seven", ["milk", "sesame"]),
        new("apple tart", "apple tarts", "3 euros 60", "nine", ["eggs", "raisins"]),
        new("plum cake", "plum cakes", "3 euros 40", "half past nine", ["eggs", "nuts"]),
        new("lemon slice", "lemon slices", "2 euros 60", "ten", ["eggs"]),
        new("honey cake", "honey cakes", "2 euros 90", "half past nine", ["honey", "eggs"]),
        new("carrot cake", "carrot cakes", "3 euros 10", "ten", ["nuts", "raisins"]),
        new("oat cookie", "oat cookies", "1 euro 30", "nine", ["raisins", "honey"]),
        new("gingerbread", "gingerbreads", "2 euros 70", "half past ten", ["honey", "nuts"]),
    ];

    /// <summary>When the door opens and closes on each day.</summary>
    public static IReadOnlyList<(string Day, string Opens, string Closes)> Hours { get; } =
    [
        ("Monday", "seven", "five"),
        ("Tuesday", "six", "six"),
        ("Wednesday", "half past six", "two"),
        ("Thursday", "six", "half past six"),
        ("Friday", "half past five", "seven"),
        ("Saturday", "eight", "four"),
        ("Sunday", "nine", "noon"),
    ];

    /// <summary>Where the delivery bicycle goes, and on which day.</summary>
    public static IReadOnlyList<(string Street, string Day)> Deliveries { get; } =
    [
        ("Harbour Street", "Monday"), ("Mill Lane", "Tuesday"), ("Castle Hill", "Wednesday"), ("Station Road", "Thursday"),
        ("Chapel Square", "Friday"), ("Orchard Row", "Saturday"), ("Lighthouse Walk", "Tuesday"), ("Market Street", "Friday"),
        ("Bridge End", "Monday"), ("Willow Lane", "Saturday"), ("School Road", "Wednesday"), ("Fountain Square", "Thursday"),
        ("Garden Row", "Monday"), ("Copper Hill", "Friday"), ("River Walk", "Wednesday"), ("Tower Street", "Saturday"),
    ];

    /// <summary>Who comes to the counter.</summary>
    public static IReadOnlyList<string> Guests { get; } =
    [
        "Mara", "Jonas", "Elif", "Pavel", "Ingrid", "Tomas", "Nadia", "Oskar", "Lucia", "Henrik", "Amara", "Felix",
        "Greta", "Samir", "Clara", "Viktor", "Yuki", "Marek", "Selma", "Bruno", "Leila", "Anton", "Rosa", "Emil",
    ];

    /// <summary>How many of a thing a guest orders.</summary>
    public static IReadOnlyList<string> Amounts { get; } = ["two", "three", "four", "five", "six", "eight", "ten", "twelve"];
}
